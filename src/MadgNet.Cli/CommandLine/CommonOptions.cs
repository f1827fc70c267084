using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MadgNet.Core.Imaging;

namespace MadgNet.Cli.CommandLine;

/// <summary>Options that several commands share, so that they mean the same everywhere.</summary>
internal static class CommonOptions
{
    public const int PublishedSize = 352;

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write one JSON document to standard output; everything else goes to standard error.",
        Recursive = true
    };

    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "No progress, notes and tables.", Recursive = true };

    public static Option<bool> Verbose { get; } = new("--verbose", "-v")
    {
        Description = "What the library logs, and where an error came from.",
        Recursive = true
    };

    /// <summary>Whether an option stands in the command line; a default is not given.</summary>
    public static bool IsGiven(ParseResult arguments, Option option) => arguments.GetResult(option) is { Implicit: false };

    public static Option<FileInfo> Weights(string description) =>
        new("--weights", "-w")
        {
            Description = description + " The folder of a run stands for its best weights.",
            HelpName = "FILE",
            CustomParser = result =>
            {
                string path = PathKinds.WeightsOf(result.Tokens[0].Value, out string? message);
                if (message is not null)
                {
                    result.AddError(message);
                }

                return path.Length == 0 ? null : new FileInfo(path);
            },
        };

    public static Option<DirectoryInfo> Folder(string name, string description) => name switch
    {
        "--images" => new(name, "-i") { Description = description, HelpName = "DIR" },
        "--masks" => new(name, "-m") { Description = description, HelpName = "DIR" },
        _ => new(name) { Description = description, HelpName = "DIR" },
    };

    /// <summary>A side in pixels, or null for the images' own size.</summary>
    public static Option<InputSide> Size(string description, string native = "leaves images at their own.") => new("--size")
    {
        Description = $"{description} 'native' {native}",
        HelpName = "PIXELS",
        DefaultValueFactory = _ => InputSide.Usual,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text == "native")
            {
                return new InputSide(null);
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size is > 0 and <= 65536)
            {
                return new InputSide(size);
            }

            result.AddError(
                $"--size: received '{text}'; expected a number of pixels from 1 to 65536, or 'native'. Use {PublishedSize} as published.");
            return new InputSide(null);
        },
    };

    /// <summary>Which channels of an image pictures show.</summary>
    public static Option<int[]?> ShownChannels(string when) => new("--overlay-channels")
    {
        Description = $"{when}: the channels of the image that are shown, from 0: one as grey, or three as red, green and blue.",
        HelpName = "1|2,1,0",
        CustomParser = result =>
        {
            int[] channels = [.. result.Tokens[0].Value.Split(',')
                .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int channel) ? channel : -1)];
            if (channels.Length is not (1 or 3) || channels.Contains(-1))
            {
                result.AddError(
                    $"--overlay-channels: received '{result.Tokens[0].Value}'; expected one channel or three, from 0. "
                        + "Write for example 1 or 2,1,0.");
            }

            return channels;
        },
    };

    /// <summary>The values of an option that was given; null where it was not, for which the parser has an empty array.</summary>
    public static int[]? Given(ParseResult arguments, Option<int[]?> option) =>
        arguments.GetResult(option) is { Implicit: false } ? arguments.GetValue(option) : null;

    public static Option<double?> Threshold() => Between(
        new Option<double?>("--threshold")
        {
            Description = "Probability from which on a pixel is foreground, 0 to 1. [default: the model's own, else 0.5]",
            HelpName = "P"
        },
        0,
        1);

    public static Option<int?> Labels(string description) =>
        AtLeast(new Option<int?>("--labels") { Description = description, HelpName = "N" }, 1);

    public static Option<string?> LabelNames() => new("--label-names")
    {
        Description = "Names of the labels, parted by commas. Masks of several labels end in _NAME or lie in a folder NAME.",
        HelpName = "A,B",
    };

    public static Option<string?> LabelValues() => new("--label-values")
    {
        Description =
            "Where masks are label images: the grey values or palette indices of each label, parted by commas; several of one label are "
                + "joined by '+' (cup inside disc: 2,1+2).",
        HelpName = "1,2",
    };

    public static Option<string> Device() => new("--device")
    {
        Description = "auto, cpu, cuda or cuda:N; auto takes CUDA where the tool and the machine have it.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "auto",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var token] && !Devices.IsLegal(token.Value))
                {
                    result.AddError($"--device: received '{token.Value}'; expected auto, cpu, cuda or cuda:N. Leave it out for auto.");
                }
            },
        },
    };

    public static Option<int?> Threads() => Between(
        new Option<int?>("--threads")
        {
            Description = "Processor threads for one operation of the network. [default: all cores]",
            HelpName = "N"
        },
        1,
        1024);

    public static Option<long?> MaximumPixels() => AtLeast(
        new Option<long?>("--max-pixels")
        {
            Description = "The most pixels that an image may claim; more are refused before memory is taken. [default: 100000000]",
            HelpName = "N"
        },
        1);

    /// <summary>An image reader for what <c>--max-pixels</c> says.</summary>
    public static ImageReader Reader(long? maximumPixels) =>
        new(maximumPixels is { } most ? new ImageReadOptions { MaximumPixels = most } : null);

    public static Option<bool> SkipUnpaired() => new("--skip-unpaired")
    {
        Description = "Leave out images without a mask and masks without an image, instead of refusing to begin.",
    };

    public static Option<T> AtLeast<T>(Option<T> option, double least)
    {
        option.Validators.Add((OptionResult result) => Check(
            result, option.Name, value => value >= least && double.IsFinite(value), $"{least.ToString(CultureInfo.InvariantCulture)} or more"));
        return option;
    }

    public static Option<T> Above<T>(Option<T> option, double bound)
    {
        option.Validators.Add((OptionResult result) => Check(
            result,
            option.Name,
            value => value > bound && double.IsFinite(value),
            $"more than {bound.ToString(CultureInfo.InvariantCulture)}"));
        return option;
    }

    public static Option<T> Between<T>(Option<T> option, double least, double largest)
    {
        option.Validators.Add((OptionResult result) => Check(
            result,
            option.Name,
            value => value >= least && value <= largest,
            $"{least.ToString(CultureInfo.InvariantCulture)} to {largest.ToString(CultureInfo.InvariantCulture)}"));
        return option;
    }

    private static void Check(OptionResult result, string name, Func<double, bool> isLegal, string expected)
    {
        if (result.Tokens is [var token]
            && double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && !isLegal(value))
        {
            result.AddError($"{name}: received {token.Value}; expected {expected}.");
        }
    }
}
