//go:build binaries

// Package binaries pins what `go build` compiles here; nothing imports it.
package binaries

import _ "go.etcd.io/etcd/server/v3"
