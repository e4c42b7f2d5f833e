package result

import (
	"encoding/json"
	"fmt"
	"os"
)

// Save writes a run for Load and for other programs.
func Save(path string, r *Run) error {
	content, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(content, '\n'), 0o644)
}

// Load reads what Save wrote.
func Load(path string) (*Run, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Run
	if err := json.Unmarshal(content, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &r, nil
}
