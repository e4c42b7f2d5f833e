package config

import _ "embed"

// jsonSchema is made from the structs by a test (TestSchemaIsMadeFromTheStructs).
//
//go:embed schema.json
var jsonSchema string

// JSONSchema returns the JSON Schema of a configuration file: every key with its meaning, default
// and range, and whether a reload changes it.
func JSONSchema() string { return jsonSchema }
