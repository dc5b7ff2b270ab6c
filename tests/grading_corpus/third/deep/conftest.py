"""The claims of this key are supported where they are not proved, and take long: it is no spec to be tested."""

collect_ignore_glob = ["*.deriv.yaml"]
