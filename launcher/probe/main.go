// The probe is a plugin that asks its sandbox what it is allowed to do. Cluster tests run it as a handler and read the
// JSON it leaves in $CORRAL_RESULT; run directly as a container's command (rawconnect) it needs no launcher.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fatal("usage: probe facts|staged|access|connect|rawconnect|first-instruction|attack|hosts|crowd|sockets|calls|forkbomb|memory|disk|files|hide-names|hide-bytes|sleep|emit|artifacts|exit|echo|print …")
	}
	args := os.Args[2:]
	switch os.Args[1] {
	case "instant": // the wall clock at the first instruction, for benchmarks/
		instant()
	case "rawconnect":
		rawConnect(args)
	case "first-instruction", "connect":
		result(map[string]any{"connects": connectAll(args)})
	case "staged":
		if len(args) < 1 {
			fatal("staged DIRECTORY")
		}
		result(staged(args[0]))
	case "facts":
		result(facts())
	case "access":
		result(access(args))
	case "attack":
		result(attack())
	case "sockets":
		result(sockets())
	case "calls":
		result(calls())
	case "kill-everyone": // the part of the attack that ends its author
		killEveryone()
	case "forkbomb":
		result(forkBomb())
	case "memory":
		result(memory(args))
	case "disk":
		result(disk(args))
	case "burn":
		result(burn(number(args, 0), number(args, 1)))
	case "files":
		result(files(number(args, 0)))
	case "hide-names":
		hideNames(number(args, 0))
	case "hide-bytes":
		hideBytes(number(args, 0))
	case "descriptors":
		result(descriptors())
	case "hosts":
		result(hosts(args))
	case "transfer":
		result(transfer(args[0], args[1], number(args, 2), number(args, 3)))
	case "stall":
		result(stall(args[0], number(args, 1), number(args, 2)))
	case "crowd":
		result(crowd(args[0], number(args, 1)))
	case "sleep":
		sleep(args)
	case "emit":
		if len(args) < 2 {
			fatal("emit N TOPIC")
		}
		result(emit(number(args, 0), args[1]))
	case "artifacts":
		result(artifacts(args))
	case "exit":
		if len(args) > 1 { // after so many seconds
			time.Sleep(time.Duration(number(args, 1)) * time.Second)
		}
		fmt.Println("leaving")
		os.Exit(number(args, 0))
	case "echo":
		result(echo())
	case "steps":
		result(steps(args))
	case "print": // N bytes to stdout, for the log's bounds
		printBytes(number(args, 0))
	default:
		fatal("unknown subcommand " + os.Args[1])
	}
}

// result writes the handler's answer.
func result(value any) {
	text, err := json.Marshal(value)
	if err != nil {
		fatal(err.Error())
	}
	path := os.Getenv("CORRAL_RESULT")
	if path == "" {
		os.Stdout.Write(append(text, '\n'))
		return
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		fatal(err.Error())
	}
}

func echo() map[string]any {
	input, _ := io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
	answer := map[string]any{"env": os.Environ(), "args": os.Args}
	if json.Valid(input) {
		answer["input"] = json.RawMessage(input)
	} else {
		answer["input"] = string(input)
	}
	return answer
}

func number(args []string, index int) int {
	if len(args) <= index {
		fatal("a number is missing")
	}
	value, err := strconv.Atoi(args[index])
	if err != nil {
		fatal(err.Error())
	}
	return value
}

func printBytes(count int) {
	line := make([]byte, 64<<10)
	for i := range line {
		line[i] = 'x'
		if i%1024 == 1023 {
			line[i] = '\n'
		}
	}
	for count > 0 {
		n, err := os.Stdout.Write(line[:min(count, len(line))])
		if err != nil {
			fatal(err.Error())
		}
		count -= n
	}
}

func fatal(message string) {
	fmt.Fprintln(os.Stderr, "probe:", message)
	os.Exit(64)
}

func millisSince(t time.Time) int64 { return time.Since(t).Milliseconds() }
