package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/fedrelay/fedrelay/internal/record"
)

func readRun(file string) (*record.Run, error) {
	run, err := record.ReadFile(file)
	var missing *fs.PathError
	if errors.As(err, &missing) {
		return nil, fmt.Errorf("%s: %w", file, missing.Err)
	}
	return run, err
}
