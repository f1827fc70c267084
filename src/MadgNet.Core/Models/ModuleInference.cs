using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>A network that has no inference form of its own: the module in evaluation mode, in its own type.</summary>
internal sealed class ModuleInference : InferenceModel
{
    private readonly SegmentationModel _model;

    public ModuleInference(SegmentationModel model, InferencePrecision precision)
        : base(model, precision)
    {
        _model = model;
        model.eval();
    }

    public override Tensor Predict(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        TorchSharp.Modules.Parameter? weight = _model.parameters().FirstOrDefault();
        Tensor image = weight is null ? input : input.to(weight.dtype);
        Tensor region = _model.Predict(image);
        Tensor result = region.to(ScalarType.Float32);
        return (ReferenceEquals(result, input) ? result.alias() : result).MoveToOuterDisposeScope();
    }
}
