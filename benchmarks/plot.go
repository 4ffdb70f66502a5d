package main

import (
	"image/color"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// line is a row of the table as it is drawn.
type line struct {
	name       string
	first, end []time.Duration
}

// draw writes a picture of the table: for each row a line from p50, with a dot, to p95. The name of the file says which kind of picture.
func draw(file string, lines []line) error {
	p := plot.New()
	p.X.Label.Text = "ms, from p50 (dot) to p95"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Top = true
	names := make([]string, len(lines))
	for i, l := range lines {
		names[len(lines)-1-i] = l.name // from top to bottom
	}
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.5, float64(len(lines))-0.5
	for _, series := range []struct {
		name   string
		of     func(line) []time.Duration
		colour color.Color
		above  float64
	}{
		{"first instruction", func(l line) []time.Duration { return l.first }, color.RGBA{B: 180, A: 255}, 0.12},
		{"end seen", func(l line) []time.Duration { return l.end }, color.RGBA{R: 200, G: 90, A: 255}, -0.12},
	} {
		var dots plotter.XYs
		for i, l := range lines {
			all := series.of(l)
			if len(all) == 0 {
				continue
			}
			y := float64(len(lines)-1-i) + series.above
			from, to := milliseconds(at(all, 0.5)), milliseconds(at(all, 0.95))
			span, err := plotter.NewLine(plotter.XYs{{X: from, Y: y}, {X: to, Y: y}})
			if err != nil {
				return err
			}
			span.Color = series.colour
			p.Add(span)
			dots = append(dots, plotter.XY{X: from, Y: y})
		}
		scatter, err := plotter.NewScatter(dots)
		if err != nil {
			return err
		}
		scatter.Color = series.colour
		p.Add(scatter)
		p.Legend.Add(series.name, scatter)
	}
	return p.Save(24*vg.Centimeter, vg.Length(len(lines)+3)*vg.Centimeter, file)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
