/** Redshift Serverless with its data catalog. It costs while a statement runs, and for what it stores. */
import { join } from 'node:path';
import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnPrincipalPermissions } from 'aws-cdk-lib/aws-lakeformation';
import { CfnNamespace, CfnWorkgroup } from 'aws-cdk-lib/aws-redshiftserverless';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { PhysicalResourceId, PhysicalResourceIdReference } from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import { CalledResource, HandledResource } from '../custom-resources.ts';
import { acknowledge } from '../findings.ts';
import { jobRoleName, type NetworkPart, type StoragePart, type WarehousePart } from '../parts.ts';
import { namesOf, roleOf } from '../roles.ts';
import { setupStatements } from '../setup-sql.ts';

const name = 'user-behaviour';
const database = 'dev';
/** As sql/warehouse/ddl/010_external_schema.sql names it. */
const glueDatabase = 'user_behaviour';

/** Redshift processing units. A load of three minutes at the base takes 0.2 RPU-hours. */
const capacity = { base: 4, max: 8, hoursPerDay: 4 };

export class WarehouseStack extends Stack {
  readonly part: WarehousePart;

  constructor(
    scope: Construct,
    id: string,
    props: StackProps,
    context: Context,
    parts: { readonly storage: StoragePart; readonly network: NetworkPart },
  ) {
    super(scope, id, props);
    const kept = context.removable
      ? RemovalPolicy.DESTROY
      : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const names = { ...namesOf(context, parts.storage), glueDatabase };
    // Fixed: the external schema keeps the ARN that it was made with.
    const spectrum = roleOf(this, 'spectrum', names, 'user-behaviour-spectrum');
    const catalog = new CfnDatabase(this, 'Catalog', {
      catalogId: context.account,
      databaseInput: { name: glueDatabase },
    });
    catalog.applyRemovalPolicy(kept);
    if (context.lakeFormation) this.permit(spectrum.attrArn, catalog);

    const admin = new Secret(this, 'Admin', {
      description: "Administrator of the warehouse; runs infra/aws's setup.sql",
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'admin' }),
        generateStringKey: 'password',
        passwordLength: 40,
        excludePunctuation: true,
      },
    });
    acknowledge(
      admin,
      'AwsSolutions-SMG4',
      'Only deployments use it. To change it, change it in the namespace and in the secret.',
    );
    const namespace = new CfnNamespace(this, 'Namespace', {
      namespaceName: name,
      dbName: database,
      adminUsername: 'admin',
      adminUserPassword: admin.secretValueFromJson('password').unsafeUnwrap(),
      iamRoles: [spectrum.attrArn],
    });
    namespace.applyRemovalPolicy(kept);

    const group = new ec2.SecurityGroup(this, 'Group', {
      vpc: ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId: parts.network.vpcId,
        availabilityZones: [...parts.network.availabilityZones],
      }),
      description: 'The warehouse: jobs reach it through the Data API, so nothing comes in',
      allowAllOutbound: false,
    });
    const workgroup = new CfnWorkgroup(this, 'Workgroup', {
      workgroupName: name,
      namespaceName: namespace.ref,
      baseCapacity: capacity.base,
      maxCapacity: capacity.max,
      publiclyAccessible: false,
      enhancedVpcRouting: false,
      subnetIds: [...parts.network.dataSubnetIds],
      securityGroupIds: [group.securityGroupId],
      configParameters: [{ parameterKey: 'require_ssl', parameterValue: 'true' }],
    });
    const workgroupArn = workgroup.attrWorkgroupWorkgroupArn;
    this.limitUsage(workgroupArn);
    this.setUp(workgroup, catalog, admin, spectrum.attrArn);
    this.part = {
      workgroupName: workgroup.ref,
      workgroupArn,
      database,
      spectrumRoleArn: spectrum.attrArn,
    };
  }

  /** Where Lake Formation governs the catalog, IAM alone does not suffice. */
  private permit(roleArn: string, catalog: CfnDatabase): void {
    const catalogId = this.account;
    const allowed = {
      Database: {
        resource: { database: { catalogId, name: glueDatabase } },
        permissions: ['DESCRIBE', 'CREATE_TABLE', 'ALTER'],
      },
      Tables: {
        resource: { table: { catalogId, databaseName: glueDatabase, tableWildcard: {} } },
        permissions: ['DESCRIBE', 'SELECT', 'INSERT', 'ALTER', 'DROP'],
      },
    };
    for (const [on, { resource, permissions }] of Object.entries(allowed)) {
      new CfnPrincipalPermissions(this, `Permit${on}`, {
        principal: { dataLakePrincipalIdentifier: roleArn },
        resource,
        permissions,
        permissionsWithGrantOption: [],
      }).addResourceDependency(catalog);
    }
  }

  /** Beyond it, Redshift refuses statements until the next day (UTC). CloudFormation has no such resource. */
  private limitUsage(resourceArn: string): void {
    const limit = { amount: capacity.hoursPerDay, breachAction: 'deactivate' };
    const service = 'redshift-serverless';
    const id = PhysicalResourceId.fromResponse('usageLimit.usageLimitId');
    const usageLimitId = new PhysicalResourceIdReference();
    new CalledResource(this, 'UsageLimit', {
      onCreate: {
        service,
        action: 'createUsageLimit',
        parameters: { resourceArn, usageType: 'serverless-compute', period: 'daily', ...limit },
        physicalResourceId: id,
      },
      onUpdate: {
        service,
        action: 'updateUsageLimit',
        parameters: { usageLimitId, ...limit },
        physicalResourceId: id,
      },
      onDelete: {
        service,
        action: 'deleteUsageLimit',
        parameters: { usageLimitId },
        ignoreErrorCodesMatching: 'ResourceNotFoundException',
      },
      rights: [
        new PolicyStatement({
          actions: ['Create', 'Update', 'Delete'].map((verb) => `${service}:${verb}UsageLimit`),
          // None of them takes a resource.
          resources: ['*'],
        }),
      ],
    });
  }

  private setUp(
    workgroup: CfnWorkgroup,
    catalog: CfnDatabase,
    admin: Secret,
    spectrumRoleArn: string,
  ): void {
    const setup = new HandledResource(this, 'Setup', {
      code: join(import.meta.dirname, '../handlers/warehouse-sql'),
      properties: {
        workgroup: workgroup.ref,
        database,
        secretArn: admin.secretArn,
        statements: setupStatements({
          user: `"IAMR:${jobRoleName('redshift-load')}"`,
          database,
          glue_database: glueDatabase,
          spectrum_role_arn: spectrumRoleArn,
        }),
      },
      rights: [
        new PolicyStatement({
          actions: ['redshift-data:ExecuteStatement'],
          resources: [workgroup.attrWorkgroupWorkgroupArn],
        }),
        // It takes no resource.
        new PolicyStatement({ actions: ['redshift-data:DescribeStatement'], resources: ['*'] }),
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          resources: [admin.secretArn],
        }),
      ],
    });
    setup.node.addDependency(workgroup, catalog);
  }
}
