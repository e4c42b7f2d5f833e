package main

import (
	"errors"
	"io"
	"os"
	"slices"

	"github.com/fedrelay/fedrelay/internal/record"
	"github.com/fedrelay/fedrelay/internal/report"
)

// show writes the files that were asked for, and prints the series. The files come first: what took
// long to measure is not lost when nobody reads the text, or when there is no baseline.
func show(series *record.Series, o options) error {
	return errors.Join(write(series, o), tell(series, o))
}

func tell(series *record.Series, o options) error {
	if err := report.SeriesText(os.Stdout, series, subject); err != nil {
		return err
	}
	for _, name := range series.Contestants() {
		if !slices.Contains(ours, name) {
			if err := report.Versus(os.Stdout, series, name, subject); err != nil {
				return err
			}
		}
	}
	if o.baseline == "" {
		return nil
	}
	before, err := record.ReadSeries(o.baseline)
	if err != nil {
		return err
	}
	return report.CompareSeries(os.Stdout, before, series, subject)
}

func write(series *record.Series, o options) (err error) {
	if o.output != "" {
		err = errors.Join(record.WriteSeries(o.output+".json", series), writePage(o.output+".html", series))
	}
	if o.markdown != "" {
		err = errors.Join(err, report.MarkdownInto(o.markdown, series, subject))
	}
	if o.keep != "" {
		err = errors.Join(err, record.WriteSeries(o.keep, series.Trim(report.Lasting)))
	}
	return err
}

func writePage(name string, series *record.Series) error {
	return record.ReplaceFile(name, func(w io.Writer) error { return report.SeriesHTML(w, series) })
}
