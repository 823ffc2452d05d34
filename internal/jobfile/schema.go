package jobfile

import _ "embed"

//go:embed schema.json
var schema string

// Schema returns the JSON Schema of the file, with which editors complete and check it.
func Schema() string { return schema }
