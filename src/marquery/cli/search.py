"""``marquery search``: the logos of a folder or an index that look most like one."""

from marquery.cli import search_options as options
from marquery.cli.options import place_of
from marquery.cli.search_output import show_folder, show_index
from marquery.cli.search_query import search_in_folder, search_in_index
from marquery.cli.store import Store, index_place


def search(
    images: options.Images = None,
    folder: options.Folder = None,
    index: options.Index = None,
    store: Store = None,
    model: options.Model = None,
    k: options.Count = 20,
    part: options.Part = None,
    words: options.Words = None,
    words_from: options.WordsFrom = None,
    strategy: options.Strategy = None,
    where: options.Where = None,
    like: options.Like = None,
    unlike: options.Unlike = None,
    exact: options.Exact = False,
    turned: options.Turned = False,
    offset: options.Offset = 0,
    at: options.Version = None,
    sheet: options.Sheet = None,
    report: options.Report = None,
    reference: options.Reference = None,
    examiner: options.Examiner = None,
    explain: options.Explain = None,
    as_json: options.AsJson = False,
) -> None:
    """Print the best matches, one a line: rank, score, path. Embeddings of the folder are kept."""
    place = None if index is None and store is None else index_place(index, store)
    asked = options.Asked(
        images=images or [],
        folder=folder,
        index=place,
        model=model,
        k=k,
        part=part,
        words=words,
        words_from=words_from,
        strategy=strategy,
        where=where,
        like=list(map(place_of, like or [])),
        unlike=list(map(place_of, unlike or [])),
        exact=exact,
        turned=turned,
        offset=offset,
        at=at,
        sheet=sheet,
        report=report or [],
        reference=reference,
        examiner=examiner,
        explain=explain,
        as_json=as_json,
    )
    options.check(asked)
    if folder is not None:
        show_folder(asked, search_in_folder(asked, folder))
    elif place is not None:
        show_index(asked, search_in_index(asked, place))
