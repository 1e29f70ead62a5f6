"""Whether a capital in a column's name says anything: in English headers it is only their style.

"Annual Income" is "annual income" in a sentence. A German noun, a name, or an abbreviation such as
VIP keeps its capitals there. So a word is made small only where it is a word that English headers
of customer tables have; any other one keeps the spelling that its owner gave it.
"""

from __future__ import annotations

__all__ = ["in_a_sentence"]

#: Words of English headers, in the singular; their short forms are words too. German ones that are
#: written alike, such as Kind, are not among them.
_WORDS = """
accepted account active activity add address age amount amt annual app average avg balance basket
begin big bill birth blue book bought brand bread browse budget buy buyer call campaign card care
cart cash catalog catalogue category channel child children churn city class click clicked close
clothing club cluster cmp cnt code commute company complain complaint consumer contact conversion
cost count country coupon credit cust customer daily date day deal debit debt delicassen delivery
department dependent deposit detergent device discount distance dollar domestic drink dt duration
earn earned education electronics email employee employment end engagement error estimated event
ever expenditure expense experience family fashion fee feedback female first fish flag food
frequency fresh frozen fruit gender gift gold good graduated grocery gross group growth half has
health high home hour house household id identifier in inactive income index insurance interest
interval invoice is item job kid kidhome language last lead level life lifetime line loan local
location login long loyalty luxury mail main male margin marital mark market marketing married
mean meat median member membership men mid milk minute mnt mobile monetary money month monthly
mortgage name nb nearest net new newsletter no nr num number of offer office online open opened
opt order out own owned owner ownership page paid paper parent pay payment pct per percent
percentage period person pet phone plan platform point population preferred premium previous price
priority prod product profession profile profit promo promotion promotional purchase purchased
quantity quarter quarterly range rank rate rating ratio reason rebate recency recent referral
refund region registered registration rent request response retail retention return returned
revenue review reward risk salary sale satisfaction saving score second segment segmentation
sender sent service session sex share shipping shop shopping short signup since single site size
small snack social sold source spend spending spent sport stage standard start state status store
street sub subscription sum support sweet tax teen teenhome tenure term ticket tier time title to
total toy traffic transaction travel trial trip type unit unsubscribed usage use used user
utilization value var vegetable video view visit visited volume voucher warranty web website week
weekend weekly weight wine with women work year yearly young zip
"""
_ENGLISH = frozenset(_WORDS.split())


def in_a_sentence(words: str) -> str:
    """Return the words of a header as a sentence has them.

    Parameters
    ----------
    words : separated by blanks

    Examples
    --------
    >>> in_a_sentence("Annual Income"), in_a_sentence("ORDERS"), in_a_sentence("Categories")
    ('annual income', 'orders', 'categories')
    >>> in_a_sentence("Bestellungen"), in_a_sentence("VIP orders"), in_a_sentence("Umsatz Total")
    ('Bestellungen', 'VIP orders', 'Umsatz total')
    """
    return " ".join(_small(each) for each in words.split())


def _small(word: str) -> str:
    small = word.lower()
    letters = small.strip("0123456789.,:;#%&'-/")
    singular = letters.removesuffix("s")
    forms = (letters, singular, letters.removesuffix("es"), letters.removesuffix("ies") + "y")
    return small if len(letters) < 2 or any(each in _ENGLISH for each in forms) else word
