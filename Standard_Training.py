"""The paper's own command: ``python Standard_Training.py --bs 512 --lr 0.001 --n_epochs 50``.

Its flags, and what it leaves where, stand in ``--help``; the work is done by
``marquery.paper.standard_training``.
"""

import sys

if __name__ == "__main__":
    try:
        from marquery.paper.standard_training import main
    except ModuleNotFoundError as error:
        sys.exit(
            f"Standard_Training.py: {error.name} is not installed for {sys.executable}; "
            "run `make test` once and start this with .venv/bin/python, or: pip install -e '.[all]'"
        )
    sys.exit(main())
