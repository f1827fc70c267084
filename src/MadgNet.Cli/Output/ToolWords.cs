using System.Reflection;
using System.Text.RegularExpressions;
using MadgNet.Medical;
using MadgNet.Onnx;

namespace MadgNet.Cli.Output;

/// <summary>
/// Says what the library says in the words of the tool: where the library names one of its options, the tool names its own, and no name of
/// a C# type or member is left. All that is particular to a message is in the two lists here.
/// </summary>
internal static partial class ToolWords
{
    /// <summary>Instructions that a user of the tool follows otherwise.</summary>
    private static readonly (string Library, string Tool)[] Instructions =
    [
        ("Convert the file, or add a reader of its format to ImageReader", "Convert the file to PNG or TIFF"),
        ("or set Unpaired to LeaveOut", "or add --skip-unpaired"),
        ("set Unpaired to LeaveOut", "add --skip-unpaired"),
        ("Set DropLast, or choose another batch size", "Choose another --batch, or add images"),
        ("Lower the learning rate", "Lower --learning-rate"),
        ("lower the learning rate", "lower --learning-rate"),
        ("; TrainerOptions.MaximumSkippedSteps lets a run pass over such steps", ""),
        ("Lower the batch size or do not drop the last batch", "Lower --batch"),
        ("Declare the values in Labels or Background, or set LabelTolerance if the file was stored with losses",
            "Declare the values with --label-values or --ignore-values, or store the file without losses"),
        ("use ResumeMode.IfPresent to begin where there is none", "choose another --output"),
        ("begin a new one with ResumeMode.Never or in another folder", "begin a new one with --overwrite or in another --output"),
        ("Use LabelSource.AllMasks() for one binary mask", "Leave the labels' options out for one binary mask"),
        ("Pass your IEncoder to the constructor, to MadgNetBuilder.WithEncoder or to MadgNetModel.Load, or register it",
            "Use weights of a built-in encoder"),
        ("Choose one of them, or pass a registry that has it (ModelRegistry.With)", "Choose one of them"),
        ("The model still holds the weights: save it elsewhere with SegmentationModel.Save", "Free the disk, and go on with --resume"),
        ("Predict the image whole, or with PredictorOptions.Tiles", "Predict the image whole, or with --tile"),
        ("Segment the image in tiles (PredictorOptions.Tiles), or at a smaller size", "Segment the image with --tile or a smaller --size"),
        ("Name it in OnnxRuntimeOptions", "Export the network with that one alone"),
        ("Read other formats with ImageReader, or convert the file to a TIFF in tiles", "Convert the file to a TIFF in tiles"),
        ("Raise ImageReadOptions.MaximumBytes if the file can be trusted", "Convert the image to a smaller or compressed file"),
        ("Leave Size null, or choose such a size", "Leave --tile out, or choose such a size"),
        ("Open it with OnnxWeights of the package MadgNet.Onnx, or pass it to --pretrained in the tool",
            "Pass it to --weights of 'predict' or 'evaluate', or to --pretrained of 'train'"),
        (", or name a codec in DicomReadOptions.Codecs", ""),
        ("Raise DicomReadOptions.MaximumBytes if the file can be trusted", "Convert the file to one of fewer or smaller frames"),
        (", or choose one with DicomSeries.Find", ""),
        ("Use MedicalDataset, which gives each segment a mask of its own", "Write each segment into a file of its own"),
        ("Read it with SliceStack, take MedicalDataset for a dataset of volumes, or set MedicalImageReader.ReadsPages",
            "Convert the slices to files of their own"),
        ("Set ImageReadOptions.Page to one of them", "Convert the slice to a file of its own"),
        ("Call the label as its segment, or name its number with LabelSource.Indices",
            "Call the label as its segment (--label-names), or name its number with --label-values"),
        (" (StudyRunOptions.Data)", ""),
        (" (StudyOverrides)", ""),
        (" (StudyRunner)", ""),
        (" (--start), or hand its weights over in StudyRunOptions.Pretrained", " with --start"),
        ("as a HistoryWriter writes them", "as 'madgnet train' writes them"),
    ];

    /// <summary>The library's options that the tool has under names of its own, the longer ones first.</summary>
    private static readonly (string Library, string Tool)[] Options =
    [
        ("ImageReadOptions.MaximumPixels", "--max-pixels"),
        ("OnnxRuntimeOptions.AllowExternalData", "--allow-external-data"),
        ("OnnxRuntimeOptions.LoadLimit", "--time-limit"),
        ("OnnxRuntimeOptions.RunLimit", "--time-limit"),
        ("OnnxRuntimeOptions.OutputValues", "--output-values"),
        ("TrainerOptions.OutputFolder", "--output"),
        ("PredictorOptions.Tiles", "--tile"),
        ("PredictorOptions.Augmentation", "--tta"),
        ("PredictorOptions.PostProcessing", "--min-area, --keep-largest and --fill-holes"),
        ("PredictorOptions.InputSize", "--size"),
        ("MaximumPixels", "--max-pixels"),
        ("OutputFolder", "--output"),
        ("InputSize", "--size"),
        ("NativeSize", "--size native"),
        ("BatchSize", "--batch"),
        ("StripPrefixes", "--strip-prefix"),
        ("Tiles.Size", "--tile"),
        ("LabelNames", "--label-names"),
        ("EarlyStopping", "--patience"),
        ("CalibrateThreshold", "--calibrate"),
        ("LabelSource.Indices", "--label-values"),
        ("LabelSource.MaskFiles", "--label-names"),
    ];

    private static readonly Lazy<HashSet<string>> Api = new(() =>
    [
        .. new[] { typeof(Problem).Assembly, typeof(OnnxPredictor).Assembly, typeof(MedicalFileException).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .SelectMany(type => type
                .GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Select(member => member.Name)
                .Append(type.Name.Split('`')[0]))
            .Where(name => Compound().IsMatch(name) && !Terms!.Contains(name)),
    ]);

    /// <summary>Names of things, which users write so as well.</summary>
    private static readonly HashSet<string> Terms = new(StringComparer.Ordinal)
    {
        "MadgNet", "ResNet", "ResNeSt", "UNet", "TensorBoard", "PyTorch", "NumPy",
    };

    /// <summary>A problem in the tool's words.</summary>
    public static Problem Of(Problem problem) => new(
        Options.FirstOrDefault(option => option.Library == problem.Subject) is { Tool: { } name } ? name : Subject(problem.Subject),
        problem.Received,
        Say(problem.Expected),
        Say(problem.Remedy));

    /// <summary>What a problem is about, in the tool's words; a path stays.</summary>
    private static string Subject(string subject) =>
        !subject.Contains('\'', StringComparison.Ordinal) && !Path.Exists(subject) && !subject.Contains('/', StringComparison.Ordinal)
            && NamesCode(subject) ? Say(subject) : subject;

    /// <summary>A sentence in the tool's words; what is in quotes is the user's own and stays.</summary>
    public static string Say(string sentence)
    {
        foreach ((string library, string tool) in Instructions)
        {
            sentence = sentence.Replace(library, tool, StringComparison.Ordinal);
        }

        string[] parts = sentence.Split('\'');
        for (int i = 0; i < parts.Length; i += 2)
        {
            foreach ((string library, string tool) in Options)
            {
                parts[i] = Regex.Replace(parts[i], $@"(?<![\w./\\-]){Regex.Escape(library)}(?![\w])", tool);
            }

            parts[i] = Name().Replace(parts[i], match => Plain(match.Value));
        }

        return string.Join('\'', parts);
    }

    /// <summary>Whether a sentence names something of C#, outside of quotes.</summary>
    public static bool NamesCode(string sentence) => sentence.Split('\'').Where((_, i) => i % 2 == 0)
        .SelectMany(part => Name().Matches(part))
        .Any(match => match.Value.Split('.').Any(Api.Value.Contains));

    private static string Plain(string name) => name.Split('.').Any(Api.Value.Contains)
        ? Words().Replace(name.Split('.')[^1], match => (match.Index > 0 ? " " : string.Empty) + match.Value.ToLowerInvariant())
        : name;

    [GeneratedRegex(@"^[A-Z][a-z0-9]+([A-Z][A-Za-z0-9]*)+$")]
    private static partial Regex Compound();

    [GeneratedRegex(@"(?<![\w./\\-])[A-Z]\w+(\.[A-Z]\w+)*(?!\w)")]
    private static partial Regex Name();

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex Words();
}
