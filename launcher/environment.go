package main

import (
	"strconv"
	"strings"

	"dev.corral/launcher/protocol"
	"dev.corral/launcher/sandbox"
)

const reservedPrefix = "CORRAL_"

// environment is exactly the granted variables on top of the documented base. A granted variable may replace the
// base's PATH or LANG; the CORRAL_ names are ours alone.
func environment(a *protocol.Assignment, hosts *sandbox.Proxy) []string {
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
	if hosts != nil {
		base = append(base, proxyVariables(hosts)...)
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

// proxyVariables are how clients are told of a proxy; some know the small letters only, some the capitals.
func proxyVariables(hosts *sandbox.Proxy) []protocol.Variable {
	address := "http://127.0.0.1:" + strconv.Itoa(int(hosts.Port))
	direct := strings.Join(append([]string{"localhost", "127.0.0.1", "::1"}, hosts.Direct...), ",")
	var variables []protocol.Variable
	for _, v := range []protocol.Variable{{Name: "http_proxy", Value: address}, {Name: "https_proxy", Value: address}, {Name: "no_proxy", Value: direct}} {
		variables = append(variables, v, protocol.Variable{Name: strings.ToUpper(v.Name), Value: v.Value})
	}
	return variables
}
