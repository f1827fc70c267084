namespace MadgNet.Core.Weights;

/// <summary>A weight file does not fill the model as asked. The model was not changed.</summary>
public sealed class WeightLoadException : MadgNetException
{
    /// <summary>Creates the exception for a comparison that came out unfit.</summary>
    /// <param name="report">What fits and what does not.</param>
    public WeightLoadException(WeightLoadReport report)
        : base(Describe(report ?? throw new ArgumentNullException(nameof(report))))
    {
        Report = report;
    }

    /// <summary>Everything that fits and does not fit; its <see cref="WeightLoadReport.Loaded"/> were not loaded either.</summary>
    public WeightLoadReport Report { get; }

    private static string Describe(WeightLoadReport report)
    {
        const int ListedPerKind = 10;
        string remedy = report.Mode switch
        {
            WeightLoadMode.AllThatFits => "Load a file of this kind of network, or rename its tensors with RenamePrefixes or Rename of "
                + "WeightLoadOptions",
            WeightLoadMode.Encoder => "Load a file of this encoder, choose the encoder that the file is for, or rename its tensors with "
                + "RenamePrefixes or Rename of WeightLoadOptions",
            _ => "Build the model with the options that the file was trained with, or load less: WeightLoadMode.Encoder or AllThatFits",
        };
        if (report.SuggestedPrefix is { } prefix)
        {
            remedy =
                $"Take the prefix '{prefix}' off with WeightLoadOptions.StripPrefixes (--strip-prefix {prefix} in the tool): more "
                    + $"names match without it. Otherwise: {remedy}";
        }

        string expected = report.Mode switch
        {
            WeightLoadMode.AllThatFits => "at least one tensor that fits",
            WeightLoadMode.Encoder => "every tensor of the encoder",
            _ => "exactly the model's tensors",
        };
        string received = report.Describe(ListedPerKind);
        if (report is { Mode: WeightLoadMode.Encoder, LooksLike: { } found })
        {
            received = $"a file that looks like {found.Description}: {received}";
            remedy = found.Encoder is null
                ? $"Choose a file of this encoder: there is none of {found.Description} in this library. Otherwise: {remedy}"
                : $"Choose the encoder '{found.Encoder}' (--backbone {found.Encoder} in the tool), which the file seems to be for. "
                    + $"Otherwise: {remedy}";
        }

        return new Problem($"Weight file '{report.Path}'", received, expected, remedy).ToString();
    }
}
