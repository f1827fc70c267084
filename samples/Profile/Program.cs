using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Decoding;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Rounds = 5;

// Where the time of a prediction goes, block by block: --weights FILE for a model of your own, --size N for another image size.
int side = Value("--size") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 352;
using MadgNetModel model = Value("--weights") is { } file ? MadgNetModel.Load(file) : new MadgNetModel();
model.eval();
using var noGradients = no_grad();
using DisposeScope scope = NewDisposeScope();
Tensor image = rand(1, model.Input.Channels, side, side);
var children = model.named_children().ToDictionary(child => child.name, child => child.module);
var rows = new List<(string Name, double Milliseconds)>();

IReadOnlyList<Tensor> levels = model.Encoder.Encode(image);
rows.Add(("encoder", Time(() => model.Encoder.Encode(image))));
Tensor features = levels[^1];
for (int i = 0; i < model.DecoderStages.Count; i++)
{
    Tensor level = levels[model.DecoderStages.Count - 1 - i];
    var connection = (Module<Tensor, Tensor>)children[$"skip_connection{i + 1}"];
    Tensor skip = connection.call(level);
    Tensor deep = features;
    DecoderStage stage = model.DecoderStages[i];
    features = stage.call(deep, skip);
    Tensor input = features;
    rows.Add(($"skip connection {i + 1}", Time(() => connection.call(level))));
    rows.Add(($"decoder stage {i + 1}", Time(() => stage.call(deep, skip))));
    rows.Add(($"  of it attention", Time(() => stage.Attention.call(input))));
}

rows.Add(("last sub-decoder", Time(() => model.SubDecoders[^1].call(features))));
double whole = Time(() => model.Predict(image));
foreach ((string name, double milliseconds) in rows)
{
    Console.WriteLine($"{name,-20} {milliseconds,8:F1} ms {100 * milliseconds / whole,5:F0} %");
}

Console.WriteLine($"{"whole prediction",-20} {whole,8:F1} ms   100 %");
foreach (InferencePrecision precision in Enum.GetValues<InferencePrecision>())
{
    using InferenceModel folded = model.ForInference(precision);
    double milliseconds = Time(() => folded.Predict(image));
    Console.WriteLine($"{$"for inference, {precision}",-20} {milliseconds,7:F1} ms {100 * milliseconds / whole,5:F0} %");
}

// The median of some runs, after one that does not count.
static double Time(Action action)
{
    var times = new List<double>();
    for (int round = 0; round <= Rounds; round++)
    {
        using DisposeScope inner = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        action();
        if (round > 0)
        {
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    return times.Order().ElementAt(times.Count / 2);
}

string? Value(string option)
{
    int index = Array.IndexOf(args, option);
    return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
}
