"""The corpus is data for tests/corpus_tests, which knows what to expect of each folder."""

collect_ignore_glob = ["*.deriv.yaml"]
