// The CustomResourceDefinitions as a construct. Their content comes from the schema package.
import { customResourceDefinition, waitGroupKind, waitGroupWorkerKind } from '@konductor/schema';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';

/** The CustomResourceDefinitions of WaitGroups and of their workers. */
export class WaitGroupCrd extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new ApiObject(this, 'Resource', customResourceDefinition(waitGroupKind));
    new ApiObject(this, 'Workers', customResourceDefinition(waitGroupWorkerKind));
  }
}
