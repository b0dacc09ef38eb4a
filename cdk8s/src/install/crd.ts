// The CustomResourceDefinition as a construct. Its content comes from the schema package.
import { customResourceDefinition, waitGroupKind } from '@konductor/schema';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';

/** The CustomResourceDefinition of WaitGroups. */
export class WaitGroupCrd extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new ApiObject(this, 'Resource', customResourceDefinition(waitGroupKind));
  }
}
