module corral.dev/benchmarks

go 1.26.0
