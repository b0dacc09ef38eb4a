// gitops says what GitOps tools make of Kubernetes objects, by the code and in the way of these tools: kstatus (Flux, Helm 4, kpt)
// by its package, Argo CD's health check in its Lua, Flux' healthCheckExprs in its CEL, and what both have built in for workloads.
package main

import (
	"encoding/json"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type input struct {
	Objects []unstructured.Unstructured `json:"objects"`
	// HealthLua is the health check of argocd-cm.
	HealthLua string `json:"healthLua"`
	// HealthCheckExprs is the entry of a Flux Kustomization.
	HealthCheckExprs healthCheckExprs `json:"healthCheckExprs"`
}

type health struct {
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

type verdict struct {
	Kstatus health `json:"kstatus"`
	ArgoCD  health `json:"argoCd"`
	Flux    health `json:"flux"`
}

func main() {
	log.SetFlags(0)
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		log.Fatal(err)
	}
	verdicts := make([]verdict, len(in.Objects))
	for i, object := range in.Objects {
		var err error
		if verdicts[i], err = in.judge(object); err != nil {
			log.Fatal(err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		log.Fatal(err)
	}
}

func (in input) judge(object unstructured.Unstructured) (verdict, error) {
	result, err := status.Compute(&object)
	if err != nil {
		return verdict{}, err
	}
	kstatus := health{string(result.Status), result.Message}
	if object.GetKind() == "WaitGroup" {
		argoCD, err := runHealthLua(object.Object, in.HealthLua)
		return verdict{kstatus, argoCD, in.HealthCheckExprs.evaluate(object)}, err
	}
	argoCD, err := builtInHealth(object)
	if err != nil {
		return verdict{}, err
	}
	flux := kstatus
	if object.GetKind() == "Job" {
		result, err := jobConditions(&object)
		if err != nil {
			return verdict{}, err
		}
		flux = health{string(result.Status), result.Message}
	}
	return verdict{kstatus, health{string(argoCD.Status), argoCD.Message}, flux}, nil
}
