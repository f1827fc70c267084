using MadgNet.Core.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>Parameters of the shapes that networks have, with gradients that follow from the step.</summary>
internal sealed class Trainable : IDisposable
{
    private readonly List<(string Name, Parameter Value)> _parameters = [];

    public Trainable(ScalarType type = ScalarType.Float32)
    {
        // Lengths of less than a vector, of no whole number of vectors, and of several blocks.
        long[][] shapes = [[3], [1], [5, 3, 3, 3], [7, 11], [40, 300, 3, 3], [64, 2, 1, 1]];
        foreach (long[] shape in shapes)
        {
            string name = $"p{_parameters.Count}";
            using var scope = NewDisposeScope();
            var parameter = new Parameter(FixtureRule.Tensor(name, shape, -1, 1).to(type));
            parameter.DetachFromDisposeScope();
            _parameters.Add((name, parameter));
        }
    }

    public IReadOnlyList<(string Name, Parameter Value)> Parameters => _parameters;

    public Parameter this[int index] => _parameters[index].Value;

    public IReadOnlyList<ParameterGroup> Groups(double decay = 0, double multiplier = 1) =>
        [new ParameterGroup("all", _parameters, multiplier, decay)];

    /// <summary>Gives every parameter its gradient of a step.</summary>
    public void SetGradients(int step, Func<Tensor, Tensor>? layout = null)
    {
        foreach ((string name, Parameter value) in _parameters)
        {
            using var scope = NewDisposeScope();
            Tensor gradient = FixtureRule.Tensor($"{name} step {step}", value.shape, -0.1, 0.1).to(value.dtype);
            value.grad = layout is null ? gradient : layout(gradient);
        }
    }

    public void Dispose()
    {
        foreach ((_, Parameter value) in _parameters)
        {
            value.grad = null;
            value.Dispose();
        }
    }
}
