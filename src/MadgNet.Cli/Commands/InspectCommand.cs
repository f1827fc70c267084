using System.CommandLine;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Models;
using MadgNet.Core.Weights;
using MadgNet.Medical.Imaging;
using MadgNet.Onnx;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>What is in a file: of weights and ONNX without loading it, of medical images with their values.</summary>
internal sealed class InspectCommand : CliCommand
{
    private const string ArchitectureKey = "madgnet.architecture";

    private const string OptionsKey = "madgnet.options";
    private readonly Argument<FileInfo> _file = new("FILE")
    {
        Description = "Weights (safetensors, .pth, .pth.tar), an ONNX file, a DICOM or NIfTI file, or the folder of a DICOM series."
    };
    private readonly Option<bool> _tensors = new("--tensors")
    {
        Description = "List every tensor, not only the groups (the JSON document always does)."
    };

    public InspectCommand()
        : base(
            "inspect",
            "What is in a file: tensors, options and metadata of weights and ONNX; pixels and geometry of DICOM and NIfTI.",
            "madgnet inspect best.safetensors",
            "madgnet inspect model.pth.tar --tensors",
            "madgnet inspect model.onnx --json",
            "madgnet inspect ct_series --json")
    {
        Add(_file);
        Add(_tensors);
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string path = arguments.GetRequiredValue(_file).ToString();
        if (Directory.Exists(path))
        {
            // The folder of a run stands for its best weights, as everywhere; another one is a series of DICOM.
            path = PathKinds.WeightsOf(path, out _);
        }

        if (Directory.Exists(path) || (File.Exists(path) && MedicalFormat.IsMedical(path)))
        {
            return MedicalInspection.Run(path, output, cancellation);
        }

        if (ModelFile.IsOnnx(path))
        {
            Onnx(path, output);
        }
        else
        {
            Weights(path, arguments.GetValue(_tensors), output);
        }

        return ExitCode.Done;
    }

    private static void Onnx(string path, CommandOutput output)
    {
        OnnxModelInfo model = OnnxModelInfo.Read(path);
        output.Line(
            $"{path}: {model.ByteCount:N0} bytes, ONNX opset {model.Opset}, {model.Operators.Values.Sum():N0} nodes, {model.ConstantCount:N0} values in constants, by {model.Producer}");
        Table table = new Table().AddColumn("tensor").AddColumn("direction").AddColumn("type").AddColumn("shape");
        foreach ((string direction, OnnxTensorInfo tensor) in model.Inputs.Select(tensor => ("in", tensor))
            .Concat(model.Outputs.Select(tensor => ("out", tensor))))
        {
            table.AddRow(Shown.Text(tensor.Name), direction, tensor.Type, Shown.Text(string.Join('×', tensor.Shape)));
        }

        output.Table(table);
        output.Result["path"] = path;
        output.Result["format"] = "onnx";
        output.Result["bytes"] = model.ByteCount;
        output.Result["opset"] = model.Opset;
        output.Result["values"] = model.ConstantCount;
        output.Result["producer"] = model.Producer;
        output.Result["inputs"] = Json(model.Inputs);
        output.Result["outputs"] = Json(model.Outputs);
        output.Result["operators"] = new JsonObject(model.Operators.Select(entry => KeyValuePair.Create(
            entry.Key, (JsonNode?)JsonValue.Create(entry.Value))));
        ShowMetadata(model.Metadata, OnnxMetadata.ModelOptions, output);
    }

    private static JsonArray Json(IEnumerable<OnnxTensorInfo> tensors) => new([.. tensors.Select(tensor => (JsonNode)new JsonObject
    {
        ["name"] = tensor.Name,
        ["type"] = tensor.Type,
        ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)JsonValue.Create(size)!)]),
    })]);

    private static void Weights(string path, bool all, CommandOutput output)
    {
        using WeightArchive archive = WeightArchive.Open(path);
        TensorInfo[] tensors = [.. archive.Names.Select(name => archive.Tensors[name])];
        long values = tensors.Sum(tensor => tensor.ElementCount);
        long parameters = tensors.Where(tensor => IsParameter(tensor.Name)).Sum(tensor => tensor.ElementCount);
        long length = new FileInfo(path).Length;
        output.Line($"{path}: {length:N0} bytes, {tensors.Length:N0} tensors, {values:N0} values, {parameters:N0} of them parameters");
        if (all)
        {
            output.Table(Tensors(tensors));
        }
        else
        {
            output.Table(Groups(tensors));
        }

        output.Result["path"] = path;
        output.Result["format"] = "weights";
        output.Result["bytes"] = length;
        output.Result["values"] = values;
        output.Result["parameters"] = parameters;
        output.Result["tensors"] = new JsonArray([.. tensors.Select(tensor => (JsonNode)new JsonObject
        {
            ["name"] = tensor.Name,
            ["type"] = tensor.Type.ToString(),
            ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)JsonValue.Create(size))]),
        })]);
        ShowMetadata(archive.Metadata, OptionsKey, output);
    }

    private static void ShowMetadata(IReadOnlyDictionary<string, string> metadata, string optionsKey, CommandOutput output)
    {
        output.Result["metadata"] = new JsonObject(metadata.Select(entry => KeyValuePair.Create(
            entry.Key, (JsonNode?)JsonValue.Create(entry.Value))));
        if (metadata.TryGetValue(optionsKey, out string? json))
        {
            // Read as the library reads them, so that what it would refuse is refused here too.
            string kind = metadata.GetValueOrDefault(ArchitectureKey) ?? MadgNetModel.ArchitectureName;
            string checkedJson = kind switch
            {
                MadgNetModel.ArchitectureName => MadgNetOptions.FromJson(json).ToJson(),
                UNet.ArchitectureName => UNetOptions.FromJson(json).ToJson(),
                _ => json,
            };
            var options = JsonNode.Parse(checkedJson)!.AsObject();
            output.Result["architecture"] = kind;
            output.Result["options"] = options;
            var table = new Table().AddColumn("option").AddColumn("value");
            foreach ((string name, JsonNode? value) in options)
            {
                table.AddRow(Shown.Text(name), Shown.Text(value?.ToJsonString().Trim('"') ?? "null"));
            }

            output.Table(table);
        }

        KeyValuePair<string, string>[] others = [.. metadata.Where(entry => entry.Key != optionsKey)
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)];
        if (others.Length > 0)
        {
            var table = new Table().AddColumn("metadata").AddColumn("value");
            foreach ((string key, string value) in others)
            {
                table.AddRow(Shown.Text(key), Shown.Text(value));
            }

            output.Table(table);
        }
    }

    private static Table Tensors(IEnumerable<TensorInfo> tensors)
    {
        Table table = new Table().AddColumn("tensor")
            .AddColumn("type")
            .AddColumn("shape")
            .AddColumn(new TableColumn("values").RightAligned());
        foreach (TensorInfo tensor in tensors)
        {
            table.AddRow(
                Shown.Text(tensor.Name),
                tensor.Type.ToString(),
                tensor.Shape.Count == 0 ? "scalar" : string.Join('×', tensor.Shape),
                $"{tensor.ElementCount:N0}");
        }

        return table;
    }

    private static Table Groups(IEnumerable<TensorInfo> tensors)
    {
        Table table = new Table().AddColumn("group")
            .AddColumn("types")
            .AddColumn(new TableColumn("tensors").RightAligned())
            .AddColumn(new TableColumn("values").RightAligned());
        foreach (IGrouping<string, TensorInfo> group in tensors.GroupBy(tensor => GroupOf(tensor.Name)))
        {
            table.AddRow(
                Shown.Text(group.Key),
                string.Join(", ", group.Select(tensor => tensor.Type).Distinct().Order()),
                $"{group.Count():N0}",
                $"{group.Sum(tensor => tensor.ElementCount):N0}");
        }

        return table;
    }

    private static string GroupOf(string name)
    {
        string[] parts = name.Split('.');
        return parts[0] == "module" && parts.Length > 1 ? parts[1] : parts[0];
    }

    /// <summary>Statistics of batch normalisation and the constants of the authors' code are stored beside what is trained.</summary>
    private static bool IsParameter(string name)
    {
        string last = name[(name.LastIndexOf('.') + 1)..];
        return last is not ("running_mean" or "running_var" or "num_batches_tracked")
            && !last.StartsWith("dct_weight_", StringComparison.Ordinal);
    }
}
