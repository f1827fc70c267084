using System.Text.RegularExpressions;
using MadgNet.Core.Imaging;

namespace MadgNet.AspNetCore;

/// <summary>
/// What the library says of an image, for the one who sent it: what was received and what is expected are the library's own words; what to
/// do is what a caller can do. A caller has no options to raise and no code to change.
/// </summary>
internal static partial class CallerMessages
{
    private const int Longest = 400;

    /// <summary>The message for a caller.</summary>
    public static string Of(MadgNetException exception)
    {
        if (exception.Problems is not [var problem, ..])
        {
            return "image: it cannot be segmented. Send another image.";
        }

        bool tooLarge = exception is ImageReadException { IsTooLarge: true };
        string remedy = tooLarge ? "Send a smaller image"
            : NamesCode(problem.Remedy) ? "Send the image in another form" : problem.Remedy;
        return new Problem(ImageFormats.Name, Plain(problem.Received), Plain(problem.Expected), remedy).ToString();
    }

    /// <summary>Whether a sentence names something of C#.</summary>
    public static bool NamesCode(string sentence) => Code().IsMatch(sentence);

    /// <summary>Without the exception that a decoder ran into: it helps its developer alone.</summary>
    private static string Plain(string text)
    {
        text = Cause().Replace(text, string.Empty);
        return text.Length > Longest ? text[..Longest] + "…" : text;
    }

    [GeneratedRegex(@"\s*\(\w+Exception:.*\)\s*$", RegexOptions.Singleline)]
    private static partial Regex Cause();

    // A name of two words written together, or two joined by a dot: ImageReadOptions, Decoding.Guard.
    [GeneratedRegex(@"\b(?!MiB|GiB|KiB|LibTiff|ImageNet)[A-Z][a-z0-9]+[A-Z]\w*|\b[A-Z]\w+\.[A-Z]\w+")]
    private static partial Regex Code();
}
