module pintle.dev/tests/cluster/proxy

go 1.26.0
