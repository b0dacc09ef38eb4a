// gitops says what GitOps tools make of Kubernetes objects, by the code and in the way of these tools: kstatus (Flux, Helm 4, kpt)
// by its package, Argo CD's health check in its Lua, Flux' healthCheckExprs in its CEL.
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
		result, err := status.Compute(&object)
		if err != nil {
			log.Fatal(err)
		}
		argoCD, err := runHealthLua(object.Object, in.HealthLua)
		if err != nil {
			log.Fatal(err)
		}
		verdicts[i] = verdict{
			Kstatus: health{string(result.Status), result.Message},
			ArgoCD:  argoCD,
			Flux:    in.HealthCheckExprs.evaluate(object),
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		log.Fatal(err)
	}
}
