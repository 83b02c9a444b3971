"""The standard objects around a deal: accounts, opportunities, their stages, history and splits."""

from __future__ import annotations

from connector.sandbox.salesforce.fields import SObject, listed

# Names, types and permissions of Account and Opportunity follow a describe of a real organisation
# (CumulusCI's recordings, API 52); the others follow Salesforce's "Object Reference", read 2026-11-23.
AUDIT = """
CreatedDate datetime :D Created Date
CreatedById reference(User) :D Created By ID
LastModifiedDate datetime :D Last Modified Date
LastModifiedById reference(User) :D Last Modified By ID
SystemModstamp datetime :D System Modstamp
"""

ACCOUNT = f"""
Id id :DI Account ID
IsDeleted boolean :D Deleted
MasterRecordId reference(Account) :Ns Master Record ID
Name string(255) :CUn Account Name
Type picklist(40) :CUNP Account Type
ParentId reference(Account) :CUNPs Parent Account ID
BillingStreet textarea(255) :CUNP Billing Street
BillingCity string(40) :CUNP Billing City
BillingState string(80) :CUNP Billing State/Province
BillingPostalCode string(20) :CUNP Billing Zip/Postal Code
BillingCountry string(80) :CUNP Billing Country
Phone phone(40) :CUNP Account Phone
AccountNumber string(40) :CUNP Account Number
Website url(255) :CUNP Website
Industry picklist(40) :CUNP Industry
AnnualRevenue currency(18,0) :CUNP Annual Revenue
NumberOfEmployees int :CUNP Employees
Description textarea(32000) :CUNP Account Description
OwnerId reference(User) :CUD Owner ID
{AUDIT.strip()}
LastActivityDate date :N Last Activity
AccountSource picklist(40) :CUNP Account Source
"""

CONTACT = f"""
Id id :DI Contact ID
IsDeleted boolean :D Deleted
AccountId reference(Account) :CUNPs Account ID
LastName string(80) :CU Last Name
FirstName string(40) :CUNP First Name
Name string(121) :n Full Name
Email email(80) :CUNPI Email
OwnerId reference(User) :CUD Owner ID
{AUDIT.strip()}
"""

OPPORTUNITY = f"""
Id id :DI Opportunity ID
IsDeleted boolean :D Deleted
AccountId reference(Account) :CUNPs Account ID
IsPrivate boolean :CUDP Private
Name string(120) :CUIn Name
Description textarea(32000) :CUNP Description
StageName picklist(255) :CU Stage
Amount currency(18,2) :CUNP Amount
Probability percent(3,0) :CUNDP Probability (%)
ExpectedRevenue currency(18,2) :NP Expected Amount
TotalOpportunityQuantity double(18,2) :CUNP Quantity
CloseDate date :CU Close Date
Type picklist(255) :CUNP Opportunity Type
NextStep string(255) :CUNP Next Step
LeadSource picklist(255) :CUNP Lead Source
IsClosed boolean :D Closed
IsWon boolean :D Won
ForecastCategory picklist(40) :R Forecast Category
ForecastCategoryName picklist(255) :CUNDR Forecast Category
CampaignId reference(Campaign) :CUNPs Campaign ID
HasOpportunityLineItem boolean :D Has Line Item
Pricebook2Id reference(Pricebook2) :CUNDs Price Book ID
OwnerId reference(User) :CUD Owner ID
{AUDIT.strip()}
LastActivityDate date :N Last Activity
LastStageChangeDate datetime :N Last Stage Change Date
FiscalQuarter int :N Fiscal Quarter
FiscalYear int :N Fiscal Year
Fiscal string(6) :N Fiscal Period
ContactId reference(Contact) :CNr Contact ID
LastViewedDate datetime :N Last Viewed Date
LastReferencedDate datetime :N Last Referenced Date
HasOpenActivity boolean :Dx Has Open Activity
HasOverdueTask boolean :Dx Has Overdue Task
LastAmountChangedHistoryId reference(OpportunityHistory) :Ns Opportunity History ID
LastCloseDateChangedHistoryId reference(OpportunityHistory) :Ns Opportunity History ID
"""

STAGE = """
Id id :DI Opportunity Stage ID
MasterLabel string(255) :Nn Master Label
ApiName string(255) :N API Name
IsActive boolean :D Is Active
SortOrder int :N Sort Order
IsClosed boolean :D Closed
IsWon boolean :D Won
ForecastCategory picklist(40) :R Forecast Category
ForecastCategoryName picklist(255) :R Forecast Category Name
DefaultProbability percent(3,0) :N Probability (%)
Description string(255) :N Description
CreatedById reference(User) :D Created By ID
CreatedDate datetime :D Created Date
LastModifiedById reference(User) :D Last Modified By ID
LastModifiedDate datetime :D Last Modified Date
SystemModstamp datetime :D System Modstamp
"""

HISTORY = """
Id id :DI Opportunity History ID
OpportunityId reference(Opportunity) :D Opportunity ID
CreatedById reference(User) :D Created By ID
CreatedDate datetime :D Created Date
StageName picklist(255) :D Stage Name
Amount currency(18,2) :N Amount
ExpectedRevenue currency(18,2) :N Expected Revenue
CloseDate date :N Close Date
Probability percent(3,0) :N Probability
ForecastCategory picklist(40) :NR To ForecastCategory
SystemModstamp datetime :D System Modstamp
IsDeleted boolean :D Deleted
PrevAmount currency(18,2) :N Prev Amount
PrevCloseDate date :N Prev Close Date
"""

SPLIT = f"""
Id id :DI Opportunity Split ID
OpportunityId reference(Opportunity) :Cs Opportunity ID
SplitOwnerId reference(User) :CU Team Member ID
SplitPercentage percent(5,2) :CUNP Percent (%)
SplitNote string(255) :CUNP Note
SplitTypeId reference(OpportunitySplitType) :C Opportunity Split Type ID
SplitAmount currency(18,2) :CUNP Amount
IsDeleted boolean :D Deleted
{AUDIT.strip()}
"""

SPLIT_TYPE = f"""
Id id :DI Opportunity Split Type ID
IsDeleted boolean :D Deleted
DeveloperName string(80) :n Object Name
Language picklist(40) :R Master Language
MasterLabel string(80) : Split Label
{AUDIT.strip()}
SplitEntity picklist(40) :R Split Entity
SplitField picklist(255) :R Split Field
IsTotalValidated boolean :D Total validated
IsActive boolean :D Active
SplitDataStatus picklist(40) :R Status
Description string(255) :N Description
"""

# Source: Salesforce, Object Reference and Field Reference, read 2026-11-29; the same for what lies in territories below.
TEAM_MEMBER = f"""
Id id :DI Team Member ID
OpportunityId reference(Opportunity) :Cs Opportunity ID
UserId reference(User) :Cs User ID
Name string(361) :Nn Name
PhotoUrl url(255) :N Photo URL
Title string(80) :N Title
TeamMemberRole picklist(40) :CUN Team Role
OpportunityAccessLevel picklist(40) :CUNR Opportunity Access
{AUDIT.strip()}
IsDeleted boolean :D Deleted
"""

TERRITORY_MODEL = f"""
Id id :DI Territory Model ID
Name string(80) :CUn Name
DeveloperName string(80) :CU Developer Name
State picklist(40) :CUR State
{AUDIT.strip()}
"""

TERRITORY = f"""
Id id :DI Territory ID
Name string(80) :n Name
DeveloperName string(80) :n Developer Name
Territory2ModelId reference(Territory2Model) : Territory Model
{AUDIT.strip()}
"""

# Rows are added and taken away, never changed for long. Source: Salesforce, Object Reference, read 2026-11-29.
USER_TERRITORY = """
Id id :DI Association ID
UserId reference(User) :C User
Territory2Id reference(Territory2) :C Territory
IsActive boolean :D Active
RoleInTerritory2 picklist(255) :CUNR Role
LastModifiedDate datetime :D Last Modified Date
LastModifiedById reference(User) :D Last Modified By
SystemModstamp datetime :D System Modstamp
"""

OBJECT_TERRITORY = """
Id id :DI Object Territory Association ID
ObjectId reference(Account Lead) :C Object ID
Territory2Id reference(Territory2) :C Territory ID
AssociationCause picklist(40) :CR Association Cause
SobjectType picklist(40) :NR Object Type
LastModifiedDate datetime :D Last Modified Date
LastModifiedById reference(User) :D Last Modified By ID
SystemModstamp datetime :D System Modstamp
IsDeleted boolean :D Deleted
"""


def territory_objects() -> list[SObject]:
    """What an organisation has once territories are switched on."""
    return [
        SObject("Territory2Model", "Territory Model", "Territory Models", "0MA", listed(TERRITORY_MODEL), ""),
        SObject("Territory2", "Territory", "Territories", "0MI", listed(TERRITORY), ""),
        SObject("UserTerritory2Association", "User Territory", "User Territories", "0Mj", listed(USER_TERRITORY), ""),
        # Its prefix is our own: no source names it.
        SObject(
            "ObjectTerritory2Association",
            "Object Territory",
            "Object Territories",
            "0MY",
            listed(OBJECT_TERRITORY),
            "CD",
        ),
    ]


def deal_objects() -> list[SObject]:
    """What every organisation has."""
    return [
        SObject("Account", "Account", "Accounts", "001", listed(ACCOUNT)),
        SObject("Contact", "Contact", "Contacts", "003", listed(CONTACT)),
        SObject("Opportunity", "Opportunity", "Opportunities", "006", listed(OPPORTUNITY)),
        SObject("OpportunityStage", "Opportunity Stage", "Opportunity Stage", "01J", listed(STAGE), ""),
        SObject(
            "OpportunityHistory", "Opportunity: Stage History", "Opportunity: Stage History", "008", listed(HISTORY), ""
        ),
    ]


def team_objects() -> list[SObject]:
    """What an organisation has once its deals have teams."""
    fields = listed(TEAM_MEMBER)
    return [SObject("OpportunityTeamMember", "Opportunity Team Member", "Opportunity Team", "00q", fields)]


def split_objects() -> list[SObject]:
    """What an organisation has once splits are switched on."""
    return [
        SObject("OpportunitySplit", "Opportunity Split", "Opportunity Splits", "1OP", listed(SPLIT)),
        SObject(
            "OpportunitySplitType", "Opportunity Split Type", "Opportunity Split Types", "1OS", listed(SPLIT_TYPE), ""
        ),
    ]
