// The two examples of the WaitGroup API page. The page abridges them; what the API server insists on is completed here, and
// the pods get a token that is allowed to count. The scripts are the page's own, to the letter.
const ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: app
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: konductor-edit
subjects:
  - kind: ServiceAccount
    name: app
---
`;

export const PARALLEL_JOB_PROCESSING = `${ACCOUNT}apiVersion: konductor.io/v1
kind: WaitGroup
metadata:
  name: batch-jobs
spec:
  ttl: 1h
---
apiVersion: batch/v1
kind: Job
metadata:
  name: coordinator
spec:
  template:
    spec:
      serviceAccountName: app
      restartPolicy: Never
      containers:
        - name: coord
          image: my-app:latest
          command:
            - /bin/sh
            - -c
            - |
              # Add count
              koncli waitgroup add batch-jobs --delta 10
              # Start workers
              for i in {1..10}; do
                start-worker $i &
              done
              # Wait
              koncli waitgroup wait batch-jobs --timeout 30m
`;

export const DYNAMIC_WORKERS = `${ACCOUNT}apiVersion: konductor.io/v1
kind: WaitGroup
metadata:
  name: workers
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 5
  selector:
    matchLabels:
      app: worker
  template:
    metadata:
      labels:
        app: worker
    spec:
      serviceAccountName: app
      containers:
        - name: worker
          image: worker:latest
          command:
            - /bin/sh
            - -c
            - |
              koncli waitgroup add workers --delta 1
              do-work
              koncli waitgroup done workers
`;
