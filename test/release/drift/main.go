// drift says which objects of Git differ from those of the cluster, by the code of Argo CD and of Flux.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/diff"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/jsondiff"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kube-openapi/pkg/util/proto"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

type input struct {
	Kubeconfig string                      `json:"kubeconfig"`
	Objects    []unstructured.Unstructured `json:"objects"`
	// Ignore has the JSON pointers of ignoreDifferences (Argo CD) and of spec.ignore (Flux).
	Ignore []string `json:"ignore"`
}

// verdict has true where the tool sees drift.
type verdict struct {
	ArgoCD           bool `json:"argoCd"`
	ArgoCDServerSide bool `json:"argoCdServerSide"`
	Flux             bool `json:"flux"`
}

func main() {
	log.SetFlags(0)
	ctrllog.SetLogger(ctrllog.Log.V(100))
	var in input
	must(json.NewDecoder(os.Stdin).Decode(&in))
	config, err := clientcmd.BuildConfigFromFlags("", in.Kubeconfig)
	must(err)
	c, err := client.New(config, client.Options{})
	must(err)
	parser, err := newParser(config)
	must(err)
	verdicts := make([]verdict, len(in.Objects))
	for i, object := range in.Objects {
		verdicts[i] = verdict{
			ArgoCD: in.argoCD(c, object),
			ArgoCDServerSide: in.argoCD(c, object, diff.WithServerSideDiff(true), diff.WithServerSideDryRunner(dryRunner{c}),
				diff.WithManager("argocd-controller"), diff.WithGVKParser(parser)),
			Flux: in.flux(c, object),
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(verdicts))
}

// newParser knows the types of the cluster, by which Argo CD leaves out what others than itself change.
func newParser(config *rest.Config) (*managedfields.GvkParser, error) {
	c, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	document, err := c.OpenAPISchema()
	if err != nil {
		return nil, err
	}
	models, err := proto.NewOpenAPIData(document)
	if err != nil {
		return nil, err
	}
	return managedfields.NewGVKParser(models, false)
}

func (in input) argoCD(c client.Client, object unstructured.Unstructured, options ...diff.Option) bool {
	live := &unstructured.Unstructured{}
	live.SetGroupVersionKind(object.GroupVersionKind())
	must(c.Get(context.Background(), client.ObjectKeyFromObject(&object), live))
	result, err := diff.Diff(object.DeepCopy(), live, append(options, diff.WithNormalizer(pointers(in.Ignore)))...)
	must(err)
	return result.Modified
}

func (in input) flux(c client.Client, object unstructured.Unstructured) bool {
	manager := ssa.NewResourceManager(c, nil, ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"})
	options := ssa.DefaultDiffOptions()
	if len(in.Ignore) > 0 {
		options.DriftIgnoreRules = []jsondiff.IgnoreRule{{Paths: in.Ignore}}
	}
	change, _, _, err := manager.Diff(context.Background(), object.DeepCopy(), options)
	must(err)
	return change.Action != ssa.UnchangedAction
}

// pointers removes what ignoreDifferences names, from both sides.
type pointers []string

func (p pointers) Normalize(object *unstructured.Unstructured) error {
	for _, pointer := range p {
		unstructured.RemoveNestedField(object.Object, strings.Split(pointer, "/")[1:]...)
	}
	return nil
}

// dryRunner applies as Argo CD does to predict the result: server-side, and with force.
type dryRunner struct{ client.Client }

func (d dryRunner) Run(ctx context.Context, object *unstructured.Unstructured, manager string) (string, error) {
	predicted := object.DeepCopy()
	if err := d.Apply(ctx, client.ApplyConfigurationFromUnstructured(predicted), client.DryRunAll, client.ForceOwnership, client.FieldOwner(manager)); err != nil {
		return "", err
	}
	text, err := predicted.MarshalJSON()
	return string(text), err
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
