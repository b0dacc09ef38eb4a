package main

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// HealthStatus and the constants are what Argo CD's functions return (published.go, which published-functions.ts adds).
type HealthStatus struct {
	Status  HealthStatusCode
	Message string
}

type HealthStatusCode string

const (
	HealthStatusUnknown     HealthStatusCode = "Unknown"
	HealthStatusProgressing HealthStatusCode = "Progressing"
	HealthStatusHealthy     HealthStatusCode = "Healthy"
	HealthStatusSuspended   HealthStatusCode = "Suspended"
	HealthStatusDegraded    HealthStatusCode = "Degraded"
)

// builtInHealth is Argo CD's health of the kinds for which it needs no script; nil for all others.
func builtInHealth(object unstructured.Unstructured) (*HealthStatus, error) {
	switch object.GetKind() {
	case "Job":
		return healthOf(object, getBatchv1JobHealth)
	case "Pod":
		return healthOf(object, getCorev1PodHealth)
	case "Deployment":
		return healthOf(object, getAppsv1DeploymentHealth)
	}
	return nil, nil
}

func healthOf[T batchv1.Job | corev1.Pod | appsv1.Deployment](
	object unstructured.Unstructured, check func(*T) (*HealthStatus, error),
) (*HealthStatus, error) {
	var typed T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &typed); err != nil {
		return nil, err
	}
	return check(&typed)
}
