package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// steps does what each argument says and gives up at the first that fails: a plugin that needs exactly these
// permissions. Forms: read:FILE list:DIR write:FILE run:PROGRAM connect:ADDRESS:PORT udp:ADDRESS:PORT opens:COUNT:FILE
// mkdir:DIR close:DIR pause:MILLIS env:NAME emit:TOPIC.
func steps(args []string) map[string]any {
	took := map[string]int64{}
	for _, step := range args {
		kind, what, _ := strings.Cut(step, ":")
		began := time.Now()
		if err := do(kind, what); err != nil {
			fmt.Fprintln(os.Stderr, "probe: step "+step+":", err)
			os.Exit(3)
		}
		took[kind] += time.Since(began).Microseconds()
	}
	return map[string]any{"did": len(args), "micros": took}
}

func do(kind, what string) error {
	switch kind {
	case "read":
		_, err := os.ReadFile(what)
		return err
	case "list":
		_, err := os.ReadDir(what)
		return err
	case "write":
		return os.WriteFile(what, []byte("written"), 0o600)
	case "mkdir":
		return os.Mkdir(what, 0o700)
	case "close":
		return os.Chmod(what, 0)
	case "pause":
		time.Sleep(time.Duration(number([]string{what}, 0)) * time.Millisecond)
		return nil
	case "run":
		output, err := exec.Command(what, "print", "1").CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(output))
		}
		return err
	case "connect":
		conn, err := net.DialTimeout("tcp", what, 5*time.Second)
		if err == nil {
			conn.Close()
		}
		return err
	case "udp":
		conn, err := net.Dial("udp", what)
		if err == nil {
			_, err = conn.Write([]byte("x"))
			conn.Close()
		}
		return err
	case "env":
		if os.Getenv(what) == "" {
			return errors.New("not set")
		}
		return nil
	case "emit":
		statuses := emit(1, what)["statuses"].(map[string]int)
		if statuses["202"] != 1 {
			return fmt.Errorf("%v", statuses)
		}
		return nil
	case "opens":
		count, file, _ := strings.Cut(what, ":")
		for range number([]string{count}, 0) {
			fd, err := syscall.Open(file, syscall.O_RDONLY, 0)
			if err != nil {
				return err
			}
			syscall.Close(fd)
		}
		return nil
	}
	return fmt.Errorf("unknown step")
}
