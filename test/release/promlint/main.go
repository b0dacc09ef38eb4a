// Reads metrics from stdin and prints what Prometheus' own linter finds; each argument is an expression that its parser must accept.
package main

import (
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	problems, err := promlint.New(os.Stdin).Lint()
	if err != nil {
		fmt.Println(err)
	}
	for _, problem := range problems {
		fmt.Println(problem.Metric+":", problem.Text)
	}
	for _, expression := range os.Args[1:] {
		if _, err := parser.ParseExpr(expression); err != nil {
			fmt.Println(expression+":", err)
		}
	}
}
