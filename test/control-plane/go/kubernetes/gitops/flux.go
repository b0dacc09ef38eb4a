package main

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type healthCheckExprs struct {
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
	Current    string `json:"current"`
}

// evaluate is Flux' rule: an unobserved generation and an expression that cannot be evaluated both mean that Flux waits.
// https://github.com/fluxcd/pkg/blob/runtime/v0.122.0/runtime/cel/status_evaluator.go
func (e healthCheckExprs) evaluate(object unstructured.Unstructured) health {
	content := object.UnstructuredContent()
	observed, found, _ := unstructured.NestedInt64(content, "status", "observedGeneration")
	if found && observed != object.GetGeneration() {
		return health{Status: string(status.InProgressStatus)}
	}
	for _, one := range []struct {
		expr   string
		status status.Status
	}{
		{e.InProgress, status.InProgressStatus}, {e.Failed, status.FailedStatus}, {e.Current, status.CurrentStatus},
	} {
		if one.expr == "" {
			continue
		}
		holds, err := evaluateCEL(one.expr, content)
		if err != nil {
			return health{Status: string(status.UnknownStatus), Message: err.Error()}
		}
		if holds {
			return health{Status: string(one.status)}
		}
	}
	return health{Status: string(status.InProgressStatus)}
}

func evaluateCEL(expr string, content map[string]any) (bool, error) {
	env, err := cel.NewEnv(cel.HomogeneousAggregateLiterals(), cel.EagerlyValidateDeclarations(true),
		cel.DefaultUTCTimeZone(true), cel.CrossTypeNumericComparisons(true), cel.OptionalTypes(),
		ext.Strings(), ext.Sets(), ext.Encoders())
	if err != nil {
		return false, err
	}
	// Parsed, not checked: the object has no declared type.
	ast, issues := env.Parse(expr)
	if issues.Err() != nil {
		return false, issues.Err()
	}
	program, err := env.Program(ast)
	if err != nil {
		return false, err
	}
	result, _, err := program.Eval(content)
	return result == types.True, err
}
