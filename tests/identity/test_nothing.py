"""What others write for nothing is nobody: as a text, and as a digest."""

import hashlib
import json

import pytest

from heropixel.errors import PlaceholderIdentifier, Refusal
from heropixel.identity.identifiers import Claims, normalise_phone, parse_digest, parse_opaque
from heropixel.nothing import is_nothing

# A line each: words of programs and of other products, and the merge tags of mail tools, CRMs and template languages.
NOTHING = r"""
not_authenticated
*|EMAIL_UID|*
"undefined"
##EMAIL##
'null'
{{email}}
{{ user.email }}
{{{email}}}
{{email
email}}
<%= user.email %>
<% email %>
<?= $id ?>
%%EMAIL%%
%EMAIL%
%%=v(@email)=%%
[[email]]
[[data:email:""]]
[email]
[%email%]
[% member:email %]
[§email§]
${email}
$!{email}
$email
$EMAIL_ADDRESS_$
$email$
$CUSTOMER.EMAIL$
#{email}
%{email}
@{email}
{email}
{$email}
{!Contact.Email}
{contactfield=email}
{%email%}
@@EMAIL@@
@EMAIL@
~Contact.Email~
~~eloqua..type--emailfield..syntax--EmailAddress..innerText--..encodeFor--url~~
<span class=eloquaemail>EmailAddress</span>
{{${email_address}}}
{{ email|default:'' }}
{{ .Subscriber.Email }}
{{lead.Email Address}}
{{campaign.name}}
__CAMPAIGN_ID__
-email-
:email
@email
@Model.Email
&email;
«Email»
<<Email>>
<email>
%s
%d
%1$s
%(email)s
{}
{0}
$1
$(email)
||EMAIL||
|email|
^email^
!email!
%7B%7Bemail%7D%7D
*%7CEMAIL%7C*
%22undefined%22
&lt;%= email %&gt;
&quot;undefined&quot;
\"undefined\"
(null)
<null>
<nil>
[null]
{null}
(not set)
(not provided)
(none)
[object Object]
[object Undefined]
undefined undefined
undefinedundefined
null,null
null null
undefined@undefined
user_undefined
user-null
id=undefined
customer:null
crm-{{contact.id}}
crm-##ID##
42-{{id}}
0
000
0.0
00000000-0000-0000-0000-000000000000
ffffffff-ffff-ffff-ffff-ffffffffffff
0x0
-
--
-1
?
...
#N/A
#REF!
#VALUE!
NaN
N/A
n.a.
None
None None
anonymous
guest
true
distinct_id
distinctId
id
email
NOT_AUTHENTICATED
""
''
[]
{}
"0"
'0'
"{{email}}"
'*|EMAIL|*'
"[object Object]"
+
+0
0000000000
“undefined”
‘null’
`null`
"'undefined'"
nullnull
[Email Address]
[subscriber:email]
{{ contact.EMAIL }}
{{subscriber.id}}
{email_sha256}
"""

# Identifiers that look a little like one.
SOMETHING = r"""
c-123
a
x
ann
browser
hers too
1
12
10
100
2000
e-1
order-123-null
{3F2504E0-4F89-11D3-9A0C-0305E82C3301}
3f2504e0-4f89-11d3-9a0c-0305e82c3301
hp1.00ff
_aBcD3f
-aBc9_
a||b2||c
USER#123#ORDER#5
a::b::c
$device:1234
@anna
anna.null
beacon:01
Null-Object Corp
Müller
用户
auth0|5f7c8ec7c33c6c004bbafe82
google-oauth2|103547991597142817347
arn:aws:iam::123456789012:user/Bob
gid://shopify/Customer/207119551
user+tag@example.com
AQ==
dGVzdA==
a=b
x&y
50%
100%
Ab/cd+e=
daily:aaaa
old
nobody
learned
0a
a0
0001
10-00
ffffffff-ffff-4fff-8fff-ffffffffffff
urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66
(555) 123
anna (work)
trimmed
Zürich €
name "Nick" last
ид-1
000000000000000000000001
+41446681800
sha256:abc
none of us
email-42
id7
nina
dan
juan
susan.nan
un-nan
hannan
fernan
nil7
"quoted" id
O'Neil
[1]
[42]
<abc123>
<20201112.abc@mail.example.com>
#1234
#abc
%2Fhome%2Fx1
cus_NffrFeUfNV2Hib
0xabcdef12
first_last
__proto1__
a__b
1e5
"""


def lines(text: str) -> list[str]:
    return text.strip("\n").split("\n")


@pytest.mark.parametrize("text", lines(NOTHING))
def test_what_others_write_for_nothing_is_nothing(text: str) -> None:
    assert is_nothing(text)
    for written in (text, text.upper(), f" {text}\u200b\n", json.dumps(text, ensure_ascii=False)):
        for field in ("externalId", "visitorId", "eventId"):
            with pytest.raises(PlaceholderIdentifier, match=field):
                parse_opaque(field, written)


@pytest.mark.parametrize("text", lines(SOMETHING))
def test_an_identifier_that_looks_a_little_like_nothing_is_one(text: str) -> None:
    assert not is_nothing(text)
    assert parse_opaque("externalId", text) == text


@pytest.mark.parametrize("text", lines(NOTHING))
@pytest.mark.parametrize("field", ["email", "phone"])
def test_nothing_names_nobody_as_an_address_or_a_telephone_number(field: str, text: str) -> None:
    with pytest.raises(Refusal):
        Claims.parse(**{field: text})


@pytest.mark.parametrize("text", [r"\N", r"\n", '\\"undefined\\"'])
def test_nothing_may_be_escaped(text: str) -> None:
    assert is_nothing(text)


UNFILLED = ["{{id}}@example.com", "*|EMAIL|*@example.com", "%email%@example.com", "%%ID%%@example.com", "##ID##@a.co"]
UNFILLED += ["${user}@example.com", "[[id]]@example.com", "{id}@example.com", "undefined@example.com", "none@none.com"]
UNFILLED += ["noemail@example.com", "no-email@shop.example", "{{ contact.EMAIL }}", '"undefined"', "null@null.com"]


@pytest.mark.parametrize("address", UNFILLED)
def test_an_address_with_a_tag_that_was_not_filled_is_a_placeholder(address: str) -> None:
    with pytest.raises(PlaceholderIdentifier, match="email"):
        Claims.parse(email=address)


@pytest.mark.parametrize("address", ["nan@example.com", "null@example.com", "guest@hotel.example", "id@example.com"])
def test_somebody_may_be_called_like_nothing(address: str) -> None:
    assert Claims.parse(email=address).email == address


MADE_UP = ["+10000000000", "+1 (000) 000-0000", "0000000000", "+11111111111", "+1 123 456 7890", "+0", "+"]


@pytest.mark.parametrize("phone", MADE_UP)
def test_a_telephone_number_that_nobody_has_is_a_placeholder(phone: str) -> None:
    with pytest.raises(PlaceholderIdentifier, match="phone"):
        normalise_phone(phone)


def test_a_telephone_number_of_one_digit_that_exists_is_taken() -> None:
    assert normalise_phone("+91 99999 99999") == "+919999999999"


HASHED = [
    "null",
    "undefined",
    "NULL",
    "None",
    "none",
    "NaN",
    "nan",
    "N/A",
    "n/a",
    "Undefined",
    "false",
    "anonymous",
    "not_authenticated",
    "0",
    '"undefined"',
    "'null'",
    "{{email}}",
    "*|EMAIL|*",
    "%%EMAIL%%",
    "%email%",
    "[[email]]",
    "${email}",
    "##EMAIL##",
    "{email}",
    "[email]",
    "@@EMAIL@@",
    "{{contact.email}}",
    "0000000000",
    "+0000",
] + ["null\n", "[object Object]", "{{ user.email }}", "<%= user.email %>", "(not set)"]


@pytest.mark.parametrize("text", HASHED)
@pytest.mark.parametrize(("field", "size"), [("md5", 16), ("sha1", 20), ("sha256", 32)])
def test_the_digest_of_nothing_is_nobodys_in_any_algorithm(field: str, size: int, text: str) -> None:
    digest = hashlib.new(field, text.encode()).hexdigest()
    for written in (digest, digest.upper()):
        with pytest.raises(PlaceholderIdentifier, match=field):
            parse_digest(field, written, size)


@pytest.mark.parametrize(("field", "size"), [("md5", 16), ("sha1", 20), ("sha256", 32)])
def test_the_digest_of_a_digest_of_nothing_is_nobodys(field: str, size: int) -> None:
    for inner in ("md5", "sha1", "sha256"):
        twice = hashlib.new(field, hashlib.new(inner, b"null").hexdigest().encode()).hexdigest()
        with pytest.raises(PlaceholderIdentifier, match="the digest of null"):
            parse_digest(field, twice, size)


@pytest.mark.parametrize("blank", ["", " ", "\n", "\t", "\u00a0"])
def test_the_digest_of_a_blank_text_is_not_given(blank: str) -> None:
    assert parse_digest("sha256", hashlib.sha256(blank.encode()).hexdigest(), 32) is None
