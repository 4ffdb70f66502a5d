package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// point is one measured pair: how many of something there were, and what it took.
type point struct{ x, y float64 }

// slope is the line of least squares through the points: what each more of x adds to y. NaN for less than two different x.
func slope(points []point) float64 {
	var x, y, xx, xy float64
	for _, p := range points {
		x, y = x+p.x, y+p.y
	}
	n := float64(len(points))
	x, y = x/n, y/n
	for _, p := range points {
		xx += (p.x - x) * (p.x - x)
		xy += (p.x - x) * (p.y - y)
	}
	if xx == 0 {
		return math.NaN()
	}
	return xy / xx
}

// cpu reads the seconds of processor time from the text of /proc/PID/stat.
func cpu(stat string) float64 { return processor(stat, 2) }

// cpuWithChildren adds those of the children it has waited for.
func cpuWithChildren(stat string) float64 { return processor(stat, 4) }

// processor adds so many of utime, stime, cutime and cstime of proc(5), at a hundred ticks a second: Linux has fixed USER_HZ for /proc.
func processor(stat string, times int) float64 {
	// the name of the program may hold anything, its closing parenthesis is the last
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 11+times {
		return 0
	}
	ticks := 0.0
	for _, field := range fields[11 : 11+times] {
		more, _ := strconv.ParseFloat(field, 64)
		ticks += more
	}
	return ticks / 100
}

// program reads its name from the text of /proc/PID/stat; the kernel keeps 15 characters of it.
func program(stat string) string {
	_, rest, _ := strings.Cut(stat, "(")
	return rest[:max(0, strings.LastIndexByte(rest, ')'))]
}

// resident reads the MiB of memory in use from the text of /proc/PID/status.
func resident(status string) float64 { return kibibytes(status, "VmRSS:") / 1024 }

// kibibytes reads one line of that text.
func kibibytes(status, line string) float64 {
	_, rest, found := strings.Cut(status, line)
	if !found {
		return 0
	}
	kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kib
}

// sum adds the samples of a metric, of the text of /metrics, whose labels contain what is asked for.
func sum(metrics, name, label string) float64 {
	total := 0.0
	for line := range strings.SplitSeq(metrics, "\n") {
		if rest, ok := strings.CutPrefix(line, name); ok && (rest[:1] == "{" || rest[:1] == " ") && strings.Contains(rest, label) {
			value, _ := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			total += value
		}
	}
	return total
}

// busy is how many seconds of processor time the machine has spent, whoever asked for it.
func busy() float64 {
	text, _ := os.ReadFile("/proc/stat")
	fields := strings.Fields(strings.SplitN(string(text), "\n", 2)[0])
	total := 0.0
	for i, field := range fields[min(1, len(fields)):] {
		if i != 3 && i != 4 && i < 8 { // idle, and waiting for a disk; guests are counted in user already
			ticks, _ := strconv.ParseFloat(field, 64)
			total += ticks / 100
		}
	}
	return total
}

// figure is for a table: a dash where nothing was measured.
func figure(value float64, digits int) string {
	if math.IsNaN(value) {
		return "–"
	}
	return fmt.Sprintf("%.*f", digits, value)
}

// table writes rows of equal length, columns aligned, and the same as CSV where a file is named.
func table(csv string, rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	lines := []string{}
	for _, row := range rows {
		for i, cell := range row {
			if i == 0 {
				fmt.Printf("%-*s", widths[i], cell)
			} else {
				fmt.Printf("  %*s", widths[i], cell)
			}
		}
		fmt.Println()
		lines = append(lines, strings.Join(row, ",")+"\n")
	}
	if csv == "" {
		return nil
	}
	file, err := os.OpenFile(csv, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(strings.Join(lines, "") + "\n"); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
