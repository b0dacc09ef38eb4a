# The chart of every-construct.ts in Python.
from cdk8s import ApiObjectMetadata, App, Chart, Duration
from cdk8s_plus_27 import ContainerProps, Job, ServiceAccount, k8s
from konductor_cdk8s import (
    BatchJob,
    DynamicWorkers,
    Koncli,
    KonductorHold,
    KonductorInjection,
    KonductorMonitoring,
    KonductorOperator,
    Pipeline,
    PipelineStage,
    WaitGroup,
)

IMAGE = "busybox:1.37"

app = App()
chart = Chart(app, "every-construct")
KonductorOperator(chart, "Operator", replicas=2, node_selector={"disk": "ssd"})
KonductorHold(chart, "Hold")
KonductorInjection(chart, "Injection")
KonductorMonitoring(chart, "Monitoring", waits_long_after=Duration.hours(2))

group = WaitGroup(chart, "Group", metadata=ApiObjectMetadata(name="nightly"), ttl=Duration.hours(1))
containers = [ContainerProps(image=IMAGE, command=["do-work"])]
work, counted, report, suspended = (
    Job(chart, id, containers=containers) for id in ("Work", "Counted", "Report", "Suspended")
)
group.add_workers(work, koncli_delivery="initContainer", on_failure="fail")
group.count(counted)
group.wait_for(report, timeout="30m", min_added=2)
group.wait_for(suspended, by="suspend")
gated = k8s.KubeDeployment(
    chart,
    "Gated",
    spec=k8s.DeploymentSpec(
        selector=k8s.LabelSelector(match_labels={"app": "gated"}),
        template=k8s.PodTemplateSpec(
            metadata=k8s.ObjectMeta(labels={"app": "gated"}),
            spec=k8s.PodSpec(containers=[k8s.Container(name="main", image=IMAGE)]),
        ),
    ),
)
group.wait_for(gated, by="gate")
group.grant_manager(ServiceAccount(chart, "Manager", metadata=ApiObjectMetadata(name="manager")))
scripts = Job(chart, "Scripts", containers=containers)
Koncli.add_to(scripts)
WaitGroup.from_name(chart, "Other", "imports").wait_for(scripts, by="label")

BatchJob(
    chart, "Batch", name="batch", coordinator="coordinator", workers=2, work="true", timeout="1m", image=IMAGE
)
Pipeline(
    chart,
    "Pipeline",
    timeout="1m",
    image=IMAGE,
    stages=[PipelineStage(name="first", workers="nproc", work="true")],
)
DynamicWorkers(chart, "Dynamic", name="dynamic", worker="worker", replicas=2, work="true", image=IMAGE)
app.synth()
