namespace MadgNet.AspNetCore;

/// <summary>
/// What a service accepts and offers. How many images are predicted at once and wait is a limit of the predictor, see
/// <see cref="Onnx.Hosting.HostedPredictorOptions"/>.
/// </summary>
public sealed class MadgNetServiceOptions
{
    /// <summary>The largest file that is taken, in bytes, 1 or more. Default 64 MiB.</summary>
    public long MaximumBytes { get; set; } = 64L << 20;

    /// <summary>The most pixels (width × height) that an image may have, 1 or more. Default 50 million.</summary>
    public long MaximumPixels { get; set; } = 50_000_000;

    /// <summary>What a caller is told to wait where the service is busy, one second or more. Default 2 seconds.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether the page to try the network on is served. Default true.</summary>
    public bool ServePage { get; set; } = true;

    /// <summary>Formats of images beside PNG, JPEG and TIFF, asked first. Default none.</summary>
    public IList<IImageFormat> ImageFormats { get; } = [];

    /// <summary>Forms of an answer beside JSON, PNG and GeoJSON. Default none.</summary>
    public IList<IResultFormat> ResultFormats { get; } = [];

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (MaximumBytes < 1 || MaximumBytes > Array.MaxLength)
        {
            problems.Add(new Problem(nameof(MaximumBytes), $"{MaximumBytes}", $"1 to {Array.MaxLength}", "Use 64 MiB"));
        }

        if (MaximumPixels < 1)
        {
            problems.Add(new Problem(nameof(MaximumPixels), $"{MaximumPixels}", "1 or more", "Use 50 million"));
        }

        if (RetryAfter < TimeSpan.FromSeconds(1))
        {
            problems.Add(new Problem(nameof(RetryAfter), $"{RetryAfter}", "one second or more", "Use 2 seconds"));
        }

        string[] taken = [.. ResultFormats.Select(format => format?.Name ?? "null")];
        foreach (string name in taken.Where(name => OutputChoice.BuiltIn.Contains(name)).Concat(
            taken.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key)))
        {
            problems.Add(new Problem(
                nameof(ResultFormats), $"the name '{name}' twice", "a name for each form of an answer", "Choose another name"));
        }

        return problems;
    }
}
