package main

import (
	"strconv"
	"strings"

	"dev.corral/launcher/protocol"
)

const reservedPrefix = "CORRAL_"

// environment is exactly the granted variables on top of the documented base. A granted variable may replace the
// base's PATH or LANG; the CORRAL_ names are ours alone.
func environment(a *protocol.Assignment) []string {
	base := []protocol.Variable{
		{Name: "PATH", Value: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/.corral/bin"},
		{Name: "HOME", Value: "/work/home"},
		{Name: "TMPDIR", Value: "/work/tmp"},
		{Name: "LANG", Value: "C.UTF-8"},
		{Name: "CORRAL_INPUT", Value: "/work/input.json"},
		{Name: "CORRAL_RESULT", Value: "/work/result.json"},
		{Name: "CORRAL_OUTPUT", Value: "/work/out"},
		{Name: "CORRAL_SOCKET", Value: "/work/corral.sock"},
		{Name: "CORRAL_SECRETS", Value: "/secrets"},
		{Name: "CORRAL_FILES", Value: "/files"},
		{Name: "CORRAL_NAMESPACE", Value: a.Namespace},
		{Name: "CORRAL_EXECUTION", Value: a.Execution},
		{Name: "CORRAL_ATTEMPT", Value: strconv.Itoa(a.Attempt)},
	}
	granted := map[string]bool{}
	var env []string
	for _, v := range a.Env {
		if strings.HasPrefix(v.Name, reservedPrefix) || granted[v.Name] {
			continue
		}
		granted[v.Name] = true
		env = append(env, v.Name+"="+v.Value)
	}
	for _, v := range base {
		if !granted[v.Name] {
			env = append(env, v.Name+"="+v.Value)
		}
	}
	return env
}
