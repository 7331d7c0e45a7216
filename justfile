# Every test, on servers of their own. Arguments go to the test runner.
test *arguments:
    deploy/test {{arguments}}

# All that is checked before a change is taken.
check:
    .ci/run

# The whole thing on this machine, with a simulated bureau.
demo:
    cargo run --quiet -- demo

fmt:
    cargo fmt --all

deny:
    .ci/run deny

doc:
    cargo doc --workspace --no-deps --open

# Servers for tests that are run by hand, until Ctrl-C.
services:
    deploy/services hold /tmp/gouxuan-services
