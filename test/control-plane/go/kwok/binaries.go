//go:build binaries

// Package binaries pins what `go build` compiles here; nothing imports it.
package binaries

import _ "sigs.k8s.io/kwok/cmd/kwok"
