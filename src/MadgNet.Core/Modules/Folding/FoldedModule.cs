using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Folding;

/// <summary>A block of your own that has no folded form: the module as it is, in its own type.</summary>
internal sealed class FoldedModule(Module<Tensor, Tensor> module) : IFolded, IFoldedAttention
{
    public Tensor Apply(Tensor features) => Run(features);

    public Tensor Run(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter? weight = module.parameters().FirstOrDefault();
        Tensor output = module.call(weight is null ? input : input.to(weight.dtype)).to(input.dtype);

        // A module that does nothing may give back its input, which is not this one's to give away.
        return (ReferenceEquals(output, input) ? output.alias() : output).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        // The module belongs to the host.
    }
}
