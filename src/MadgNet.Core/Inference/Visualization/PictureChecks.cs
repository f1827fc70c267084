using System.Globalization;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>The checks that the options of pictures share.</summary>
internal static class PictureChecks
{
    public const int LargestMagnification = 32;

    public static void Range(List<Problem> problems, string subject, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            string expected = string.Create(CultureInfo.InvariantCulture, $"{least} to {most}");
            problems.Add(new Problem(subject, value.ToString(CultureInfo.InvariantCulture), expected, $"Set {subject} to {expected}"));
        }
    }

    public static void Display(List<Problem> problems, int magnification, double gamma)
    {
        Guard.Range(problems, "Magnification", magnification, 1, LargestMagnification);
        if (!(gamma is > 0 and <= 10))
        {
            problems.Add(new Problem(
                "Gamma",
                gamma.ToString(CultureInfo.InvariantCulture),
                "above 0, at most 10",
                "Use 1 for the image as it is, 0.7 to brighten a dim one"));
        }
    }

    public static void Present(List<Problem> problems, string subject, object? value, string expected)
    {
        if (value is null)
        {
            problems.Add(new Problem(subject, "null", expected, "Leave the default"));
        }
    }

    public static void Throw(string subject, IReadOnlyList<Problem> problems) => InvalidOptionsException.ThrowIfAny(subject, problems);

    /// <summary>Refuses two pictures of different sizes.</summary>
    public static void SameSize(string what, int width, int height, string other, int otherWidth, int otherHeight, string parameter)
    {
        if (width != otherWidth || height != otherHeight)
        {
            throw new ArgumentException(
                $"received {what} of {width}×{height} pixels and {other} of {otherWidth}×{otherHeight}; expected the same size. Resize "
                    + $"one of them first, for example with ImageResizer.",
                parameter);
        }
    }
}
