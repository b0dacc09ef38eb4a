// The CustomResourceDefinition as a construct; what it says is the schema package's.
import { customResourceDefinition, waitGroupKind } from '@konductor/schema';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';

/** Teaches the API server what a WaitGroup is. */
export class WaitGroupCrd extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new ApiObject(this, 'Resource', customResourceDefinition(waitGroupKind));
  }
}
