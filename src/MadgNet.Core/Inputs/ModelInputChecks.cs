namespace MadgNet.Core.Inputs;

/// <summary>What can be wrong with a <see cref="ModelInput"/>.</summary>
internal static class ModelInputChecks
{
    public static IReadOnlyList<Problem> Validate(ModelInput input)
    {
        var problems = new List<Problem>();
        if (input.Windows is null || input.Files is null || input.Mean is null || input.StandardDeviation is null)
        {
            return [new Problem("Windows, Files, Mean or StandardDeviation", "null", "a list, possibly empty", "Leave the default")];
        }

        if (input.Version is < 1 or > ModelInput.CurrentVersion)
        {
            problems.Add(new Problem(
                nameof(input.Version),
                $"{input.Version}",
                $"1 to {ModelInput.CurrentVersion}, which this version of the library knows",
                "Update the library, or save the model with an older one"));
        }

        Guard.Range(problems, nameof(input.Channels), input.Channels, 1);
        problems.AddRange(Problem.Undefined(nameof(input.Scaling), input.Scaling));
        problems.AddRange(Problem.Undefined(nameof(input.Normalization), input.Normalization));
        problems.AddRange(Problem.Undefined(nameof(input.ChannelOrder), input.ChannelOrder));
        problems.AddRange(Problem.Undefined(nameof(input.ValueRange), input.ValueRange));
        problems.AddRange(Problem.Undefined(nameof(input.Fit), input.Fit));
        AddNormalization(problems, input);
        AddFiles(problems, input);
        if (input.InvertBrightBackground && (input.Channels is not (1 or 3) || input.ReadsSeveral))
        {
            problems.Add(new Problem(
                nameof(input.InvertBrightBackground),
                input.ReadsSeveral ? "true with channels from several files or pages" : $"true with {input.Channels} channels",
                "1 or 3 channels of one image: an inverted image is grey",
                "Set it to false"));
        }

        if (input.Size is { } size && (size.Height < 1 || size.Width < 1))
        {
            problems.Add(new Problem(
                nameof(input.Size), $"{size}", "a height and width of at least 1, or null", "State the size of training"));
        }

        if (input.Fit == ImageFit.Letterbox && input.Size is null)
        {
            problems.Add(new Problem(
                nameof(input.Fit),
                "Letterbox without a Size",
                "a size to fit images into",
                "Set Size, or leave Fit at Resize for images at their own size"));
        }

        return problems;
    }

    private static void AddNormalization(List<Problem> problems, ModelInput input)
    {
        if (input.Normalization == InputNormalization.ImageNet)
        {
            if (input.Channels is not (1 or 3))
            {
                problems.Add(new Problem(
                    nameof(input.Normalization),
                    $"ImageNet with {input.Channels} input channels",
                    "ImageNet normalisation with 1 or 3 input channels",
                    "Choose InputNormalization.None for other images"));
            }

            if (input.Mean.Count > 0
                || input.StandardDeviation.Count > 0
                || input.ChannelOrder != ChannelOrder.Rgb
                || input.ValueRange != ValueRange.ZeroToOne)
            {
                problems.Add(new Problem(
                    nameof(input.Normalization),
                    "ImageNet together with a mean, deviation, channel order or value range",
                    "ImageNet alone: it means RGB of 0 to 1 with ImageNet's own mean and deviation",
                    "Choose InputNormalization.None and state Mean and StandardDeviation in full"));
            }
        }

        if (input.ChannelOrder == ChannelOrder.Bgr && input.Channels is not (1 or 3))
        {
            problems.Add(new Problem(
                nameof(input.ChannelOrder), $"Bgr with {input.Channels} channels", "1 or 3 channels", "Choose ChannelOrder.Rgb"));
        }

        AddNumbers(problems, nameof(input.Mean), input.Mean, input, double.IsFinite, "finite numbers");
        AddNumbers(
            problems,
            nameof(input.StandardDeviation),
            input.StandardDeviation,
            input,
            value => double.IsFinite(value) && value > 0,
            "positive numbers");
    }

    private static void AddNumbers(
        List<Problem> problems, string name, IReadOnlyList<double> numbers, ModelInput input, Func<double, bool> isLegal, string kind)
    {
        // A network of one channel repeats it for an encoder of three.
        bool fits = numbers.Count is 0 or 1 || numbers.Count == input.Channels || (input.Channels == 1 && numbers.Count == 3);
        if (!fits || !numbers.All(isLegal))
        {
            problems.Add(new Problem(
                name,
                $"[{string.Join(", ", numbers.Select(value => FormattableString.Invariant($"{value}")))}] for {input.Channels} channels",
                $"none, or {kind}, one for all channels or one for each",
                "Give one number a channel, in the order that the network takes them"));
        }
    }

    private static void AddFiles(List<Problem> problems, ModelInput input)
    {
        if (input.Windows.Count > 1 && input.Windows.Count != input.Channels)
        {
            problems.Add(new Problem(
                nameof(input.Windows),
                $"{input.Windows.Count} windows for {input.Channels} channels",
                "none, one for all channels, or one for each",
                "Give every channel a window (null for one that is scaled as Scaling says)"));
        }

        foreach (InputWindow window in input.Windows.OfType<InputWindow>()
            .Where(window => !double.IsFinite(window.Center) || !double.IsFinite(window.Width) || window.Width <= 0))
        {
            problems.Add(new Problem(
                nameof(input.Windows),
                FormattableString.Invariant($"centre {window.Center} and width {window.Width}"),
                "finite numbers and a positive width",
                "Use for example -600 and 1500 for lung in Hounsfield units"));
        }

        if (input.Files.Count == 0)
        {
            return;
        }

        if (input.Files.Count == 1 || input.Files.Any(string.IsNullOrEmpty)
            || input.Files.Any(suffix => suffix.IndexOfAny(['/', '\\', '\0', '.']) >= 0)
            || input.Files.Distinct(StringComparer.OrdinalIgnoreCase).Count() != input.Files.Count)
        {
            problems.Add(new Problem(
                nameof(input.Files),
                $"[{string.Join(", ", input.Files)}]",
                "two or more different ends of file names without dots and slashes, or none",
                "Name them as _t1, _t2, _ct for case_t1.png, case_t2.png, case_ct.png"));
        }

        if (input.Files.Count != input.Channels)
        {
            problems.Add(new Problem(
                nameof(input.Files),
                $"{input.Files.Count} files a case for {input.Channels} channels",
                "one file a channel",
                "Make Channels the number of files"));
        }

        if (input.FromPages)
        {
            problems.Add(new Problem(
                nameof(input.FromPages),
                "true together with several files a case",
                "one of the two",
                "Set FromPages to false, or leave Files empty"));
        }
    }
}
