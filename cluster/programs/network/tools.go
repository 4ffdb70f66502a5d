//go:build tools

// Package main keeps the CNI plugin among the module's dependencies.
package main

import (
	_ "github.com/cilium/cilium/plugins/cilium-cni"
)
