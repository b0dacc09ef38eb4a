//go:build binaries

// Package binaries pins what `go build` compiles here; nothing imports it.
package binaries

import _ "helm.sh/helm/v3/cmd/helm"
