module corral.dev/cluster/tools

go 1.26.0

require (
	github.com/google/go-containerregistry v0.22.1 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
