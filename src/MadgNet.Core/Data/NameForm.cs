using System.Text;

namespace MadgNet.Core.Data;

/// <summary>
/// Names as they are compared: letters and their accents composed (Unicode normalization form C), because file systems of macOS
/// store them apart (form D) and the two look the same.
/// </summary>
/// <remarks>
/// Written here because <see cref="string.Normalize()"/> does nothing where globalization is invariant, as it is in many containers.
/// Composes Latin, Greek, Cyrillic, Hebrew, Arabic, Indic and Japanese letters with their marks, and Korean syllables.
/// </remarks>
internal static partial class NameForm
{
    private const int HangulLead = 0x1100;
    private const int HangulVowel = 0x1161;
    private const int HangulTail = 0x11A7;
    private const int HangulSyllable = 0xAC00;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;

    private static readonly Dictionary<(char Letter, char Mark), char> Composed = Read();

    /// <summary>The name with every letter and the marks behind it as one character, where there is such a character.</summary>
    public static string Compose(string name)
    {
        int first = name.AsSpan().IndexOfAnyExceptInRange('\0', '\u00FF');
        if (first < 0)
        {
            return name;
        }

        var result = new StringBuilder(name.Length);
        foreach (char letter in name)
        {
            if (result.Length > 0 && Pair(result[^1], letter) is { } one)
            {
                result[^1] = one;
            }
            else
            {
                result.Append(letter);
            }
        }

        return result.ToString();
    }

    private static char? Pair(char letter, char mark)
    {
        if (Composed.TryGetValue((letter, mark), out char one))
        {
            return one;
        }

        (int lead, int vowel) = (letter - HangulLead, mark - HangulVowel);
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
        {
            return (char)(HangulSyllable + (((lead * Vowels) + vowel) * Tails));
        }

        (int syllable, int tail) = (letter - HangulSyllable, mark - HangulTail);
        return syllable is >= 0 and < Leads * Vowels * Tails && syllable % Tails == 0 && tail is > 0 and < Tails
            ? (char)(letter + tail)
            : null;
    }

    private static Dictionary<(char Letter, char Mark), char> Read()
    {
        var pairs = new Dictionary<(char, char), char>();
        foreach ((int mark, string letters) in Marks)
        {
            for (int i = 0; i < letters.Length; i += 2)
            {
                pairs.Add((letters[i], (char)mark), letters[i + 1]);
            }
        }

        return pairs;
    }
}
