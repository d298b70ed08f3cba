"""Errors that only Python can reach, and why no front end does.

The key is a place (file and function) and words of the call: all of the function's calls where
there are none.
"""

ARRAYS = "shapes and types of arrays that the library itself hands over"
DRAWN = "an operation is applied to what the library has read and drawn itself"
TYPED = "the command line and recipes take only the choices and bounds that are allowed"
CALLS = "arguments of a function that no front end takes"
BUILT = "the library puts these objects together itself"
PROCESSES = "needs as many processes under torchrun as a batch has images"

RACE = "a file has to come or go between two looks at it"
DEMO = "the demo builds its own benchmark first, which has such logos"
DIES = "a process has to be ended from outside, see tests/test_processes.py"

PYTHON_ONLY = {
    ("augment/_base.py:LogoTransform.check_inputs", ""): ARRAYS,
    ("augment/functional/_move.py:mirror", ""): DRAWN,
    ("augment/functional/_move.py:scale", ""): DRAWN,
    ("augment/functional/_paint.py:exchange", ""): DRAWN,
    ("augment/functional/_parts.py:check", ""): DRAWN,
    ("augment/image_level.py:ImageLevel.__init__", "1 pixel"): BUILT,
    ("augment/mix.py:RandomSegmentOp.__init__", ""): BUILT,
    ("augment/move.py:SegmentMirror.__init__", ""): TYPED,
    ("augment/paint.py:known_style", ""): TYPED,
    ("augment/seeded.py:SeededDataset.__init__", ""): CALLS,
    ("augment/swap.py:DonorPool.__init__", ""): BUILT,
    ("augment/swap.py:_check_kind", ""): BUILT,
    ("calibration/isotonic.py:fit_isotonic", ""): "pairs are drawn of both kinds, or none is",
    ("calibration/reliability.py:reliability", ""): ARRAYS,
    ("datasets/openlogos/build.py:build_openlogos", ""): TYPED,
    ("datasets/openlogos/edits.py:build_edits", ""): "the command builds the benchmark first",
    ("demo/pictures.py:augmentation_pictures", ""): DEMO,
    ("demo/pictures.py:result_pictures", ""): DEMO,
    ("embedding/nearest.py:search_folder", ""): TYPED,
    ("encoder/averaging.py:averaged", "there are none"): TYPED,
    ("encoder/encoder.py:LogoEncoder.embed", ""): CALLS,
    ("encoder/engine_choice.py:choose_engine", "is no engine"): TYPED,
    ("encoder/engine_choice.py:choose_engine", "is no precision"): TYPED,
    ("encoder/engine_choice.py:choose_engine", "computes on the CPU"): BUILT,
    ("encoder/graph_export.py:_traced", "it would hold"): "no network of timm is traced so",
    ("encoder/region_terms.py:no_regions", ""): "front ends explain by removal",
    ("encoder/whitening.py:whitened", "their length is"): BUILT,
    ("encoder/whitening.py:whitening_matrix", "is out of range"): TYPED,
    ("evaluation/clusters.py:_grouped", ""): ARRAYS,
    ("evaluation/evaluate.py:_excluded", ""): ARRAYS,
    ("evaluation/evaluate.py:_gallery", "one of the two is missing"): CALLS,
    ("evaluation/evaluate.py:_rule", ""): CALLS,
    ("evaluation/evaluate.py:_same_length", ""): ARRAYS,
    ("evaluation/evaluate.py:evaluate", ""): CALLS,
    ("evaluation/groups.py:_checked", ""): "groups in files are text",
    ("evaluation/groups.py:encode_groups", ""): "groups in files are text",
    ("evaluation/protocols.py:get_protocol", ""): TYPED,
    ("evaluation/registry.py:_add", ""): CALLS,
    ("evaluation/registry.py:_checked", ""): CALLS,
    ("evaluation/strata.py:_checked", ""): ARRAYS,
    ("evaluation/strata.py:evaluate_pairs", ""): "the options are checked together before",
    ("evaluation/top_k.py:top_k", ""): ARRAYS,
    ("explanation/explaining.py:explain", ""): "front ends explain by removal",
    ("files.py:why_unreadable", ""): RACE,
    ("images.py:_from_array", ""): CALLS,
    ("images.py:decode_image", ""): CALLS,
    ("index/browsing/facets.py:FacetTable._mask", ""): "the page checks the columns before",
    ("index/logo_index.py:LogoIndex._must_be_latest", ""): CALLS,
    ("index/logo_index.py:LogoIndex.create", ""): CALLS,
    ("index/snapshot.py:check_range", ""): TYPED,
    ("index/storage/reading_workers.py:LogoReader._one_by_one", ""): DIES,
    ("losses/autograd.py:RankLossFunction.forward", ""): ARRAYS,
    ("losses/autograd.py:_row_losses", ""): ARRAYS,
    ("losses/relevance.py:check_finite", ""): "training looks at embeddings before",
    ("losses/rank_loss.py:check_options", ""): TYPED,
    ("losses/rank_loss.py:rank_loss", ""): ARRAYS,
    ("losses/relevance.py:check_labels", ""): ARRAYS,
    ("losses/supap.py:SupAPLoss.surrogate", ""): TYPED,
    ("losses/surrogates.py:RecallAtK.__post_init__", ""): TYPED,
    ("losses/surrogates.py:SupAP.__post_init__", ""): TYPED,
    ("losses/surrogates.py:check_temperature", ""): TYPED,
    ("losses/triplet.py:TripletLoss.__init__", ""): TYPED,
    ("losses/triplet.py:TripletLoss.forward", ""): ARRAYS,
    ("processes.py:Worker.ask", ""): DIES,
    ("sampling/compositions.py:CompositionSampler.__init__", ""): BUILT,
    ("sampling/draws.py:part_of", ""): PROCESSES,
    ("sampling/groups.py:GroupSampler.__init__", "no positive pair"): TYPED,
    ("sampling/views.py:ViewSampler.__init__", "no positive pair"): TYPED,
    ("searchreport/recording.py:_of_hits", ""): BUILT,
    ("searchreport/recording.py:record_search", ""): CALLS,
    ("segments/grouping.py:check_group", ""): TYPED,
    ("segments/segmenter.py:_check_tolerance", ""): CALLS,
    ("segments/segmenter.py:segment", ""): TYPED,
    ("training/grad_cache.py:GradientCache.__init__", ""): TYPED,
    ("training/grad_cache.py:check_batchnorm", ""): "recipes are checked for it when they are read",
    ("training/memory.py:CrossBatchMemory.__init__", ""): TYPED,
    ("visualization/explanation.py:draw_explanation", ""): CALLS,
    ("visualization/augmentations.py:draw_augmentations", ""): TYPED,
    ("visualization/augmentations.py:draw_gallery", ""): CALLS,
    (
        "visualization/augmentations.py:draw_rotation_steps",
        "",
    ): "the demo chooses logos that have them",
}
